"""Give every stretch on the roll the 异动 that began it, and the one that ended it: the roll is now told by these."""

import datetime
from itertools import groupby, pairwise

from django.db import migrations

_BATCH = 500


def tell_the_changes(apps, schema_editor) -> None:
    Enrollment = apps.get_model("students", "Enrollment")
    RollChange = apps.get_model("students", "RollChange")
    rows = Enrollment.objects.filter(voided_at=None).select_related("student").order_by("student", "starts_on", "pk")
    made = []
    for _, stretches in groupby(rows.iterator(), key=lambda row: row.student_id):
        for row, after in pairwise([*stretches, None]):
            about = {"school_id": row.student.school_id, "student_id": row.student_id, "recorded_by": None}
            made.append(
                RollChange(
                    **about, kind=row.started_by, on=row.starts_on, settled_on=row.starts_on, basis=row.basis,
                    classroom_id=row.classroom_id, seat_no=row.seat_no,
                )
            )  # fmt: skip
            gone = row.ends_on and row.ends_on + datetime.timedelta(days=1)
            if gone and (after is None or after.starts_on != gone):
                made.append(RollChange(**about, kind=row.ended_by or "other", on=gone, settled_on=gone))
    RollChange.objects.bulk_create(made, batch_size=_BATCH)


class Migration(migrations.Migration):
    dependencies = (("students", "0002_roll_in_depth"),)

    operations = (migrations.RunPython(tell_the_changes, migrations.RunPython.noop),)
