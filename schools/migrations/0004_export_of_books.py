import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

KEYS = {'roster': 'dropout-register', 'single': 'dropout-single'}


def name_the_books(apps, schema_editor):
    exports = apps.get_model('schools', 'Export').objects
    for form, book in KEYS.items():
        exports.filter(book=form).update(book=book)


def name_the_forms(apps, schema_editor):
    exports = apps.get_model('schools', 'Export').objects
    for form, book in KEYS.items():
        exports.filter(book=book).update(book=form)


class Migration(migrations.Migration):

    dependencies = [
        ('schools', '0003_export'),
    ]

    operations = [
        migrations.RenameField('export', 'form', 'book'),
        migrations.AlterField('export', 'book', models.CharField(max_length=40, verbose_name='表')),
        migrations.AlterField('export', 'status', models.CharField(choices=[('asked', '待校长批准'), ('refused', '未批准'), ('waiting', '排队'), ('running', '生成中'), ('done', '已生成'), ('failed', '失败')], default='waiting', max_length=8, verbose_name='状态')),
        migrations.AddField('export', 'decided_at', models.DateTimeField(blank=True, null=True)),
        migrations.AddField('export', 'decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
        migrations.AddField('export', 'decision', models.CharField(blank=True, max_length=120, verbose_name='批准意见')),
        migrations.RunPython(name_the_books, name_the_forms),
    ]
