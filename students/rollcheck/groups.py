"""Which children an outside list names, and the marks on the roll that answer it."""

from collections.abc import Mapping
from dataclasses import dataclass

from students.codes import LEFT_BEHIND, ListGroup, RollList, TagKind

T, G = TagKind, ListGroup


@dataclass(frozen=True)
class Group:
    """The marks that answer a list, and the one that is set when a row says nothing nearer."""

    kinds: frozenset[str]
    usual: TagKind

    def kind_of(self, tags: Mapping[str, str]) -> TagKind:
        """The mark that a row asks for: what its own columns say within the group, else the usual one."""
        return next((TagKind(kind) for kind in sorted(tags) if kind in self.kinds), self.usual)


GROUPS: dict[str, Group] = {
    G.LEFT_BEHIND: Group(LEFT_BEHIND, T.LEFT_BEHIND_BOTH),
    **{
        group: Group(frozenset({kind}), kind)
        for group, kind in (
            (G.DISABLED, T.DISABLED), (G.ORPHAN, T.ORPHAN), (G.UNATTENDED, T.UNATTENDED), (G.POVERTY, T.POVERTY),
            (G.MINIMUM_LIVING, T.MINIMUM_LIVING), (G.DESTITUTE, T.DESTITUTE), (G.MONITORED, T.MONITORED),
            (G.MIGRANT, T.MIGRANT),
        )
    },
}  # fmt: skip
CHOICES = (("", "全部适龄儿童"), *ListGroup.choices)
USUAL = {RollList.DISABLED: ListGroup.DISABLED}
"""The group that an office's list is about unless somebody says otherwise."""
