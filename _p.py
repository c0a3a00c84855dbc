import os, time, statistics
os.environ['DJANGO_SETTINGS_MODULE']='kongchuo.settings'
import django; django.setup()
from django.conf import settings; settings.ALLOWED_HOSTS=['testserver']
from django.test import Client
from schools.models import User, Unit
c=Client(); c.force_login(User.objects.get(username='xiaozhang'))
r=c.get('/principal/'); print(r.status_code)
def one(f):
    t=time.process_time(); f(); return (time.process_time()-t)*1000
print('ms', statistics.median(one(lambda: c.get('/principal/')) for _ in range(40)))
from followups.morning import Morning
s=Unit.objects.get(code='2153000001')
for name in ('rules','today','standings','contacted','cases','class_table','missed','tiles'):
    def f():
        m=Morning(s, settings.DEMO_TODAY); m.tiles() if name=='tiles' else getattr(m,name)
    print(name, round(statistics.median(one(f) for _ in range(40)),2))
c2=Client(); c2.force_login(User.objects.get(username='banzhuren7'))
from schools.models import Classroom
k=Classroom.objects.get(duties__user__username='banzhuren7')
print('roll', statistics.median(one(lambda: c2.get(f'/roll/{k.pk}/')) for _ in range(40)))
