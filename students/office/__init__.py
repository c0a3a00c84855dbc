"""Lists of the school's people and classes (人员名单、班级名单): read like rosters, carried out by the schools app."""
