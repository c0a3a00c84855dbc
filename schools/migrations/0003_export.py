# The table is the one that followups kept until now, rows and all; here it only gets its new owner.

import django.db.models.deletion
import kongchuo.dates
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('schools', '0002_more_verbs'),
        ('followups', '0004_export_to_schools'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='Export',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('form', models.CharField(choices=[('roster', '辍学学生登记表(花名册)'), ('single', '辍学学生登记表(单人表)')], max_length=12, verbose_name='表')),
                        ('format', models.CharField(choices=[('xlsx', 'Excel 打印版'), ('xlsx-data', 'Excel 数据版(首行表头)'), ('pdf', 'PDF')], max_length=10, verbose_name='格式')),
                        ('edition', models.CharField(choices=[('masked', '脱敏'), ('full', '报教育局(全号)')], default='masked', max_length=8, verbose_name='版本')),
                        ('on', models.DateField(verbose_name='截止日期')),
                        ('filters', models.JSONField(default=dict)),
                        ('reason', models.CharField(blank=True, max_length=200, verbose_name='用途')),
                        ('made_at', models.DateTimeField(default=kongchuo.dates.now)),
                        ('status', models.CharField(choices=[('waiting', '排队'), ('running', '生成中'), ('done', '已生成'), ('failed', '失败')], default='waiting', max_length=8, verbose_name='状态')),
                        ('progress', models.PositiveSmallIntegerField(default=0, verbose_name='进度%')),
                        ('error', models.CharField(blank=True, max_length=200)),
                        ('rows', models.PositiveIntegerField(default=0, verbose_name='行数')),
                        ('sha256', models.CharField(blank=True, max_length=64)),
                        ('file_name', models.CharField(blank=True, max_length=255, verbose_name='文件名')),
                        ('file', models.FileField(blank=True, upload_to='exports/')),
                        ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('school', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='exports', to='schools.unit')),
                    ],
                    options={
                        'verbose_name': '导出',
                        'ordering': ('-made_at', '-pk'),
                    },
                ),
            ],
        ),
    ]
