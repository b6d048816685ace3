from django.urls import path

from copyhold.web.views import api

urlpatterns = [
    path("api/", api.documentation, name="api"),
    path("api/v1/works", api.works, name="api_works"),
    path("api/v1/works/<str:number>", api.work, name="api_work"),
    path("api/v1/verify", api.verify, name="api_verify"),
    path("api/v1/identify", api.identify, name="api_identify"),
]
