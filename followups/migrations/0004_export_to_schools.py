# The export ledger belongs to every book of the house: its table goes over to the app schools with its rows.

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('followups', '0003_export_file_name_255'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable('Export', 'schools_export')],
            state_operations=[migrations.DeleteModel('Export')],
        ),
    ]
