from django.urls import path

from copyhold.web.views import headquarters

urlpatterns = [
    path("overview/", headquarters.overview, name="overview"),
    path("desk/today/", headquarters.today, name="today"),
]
