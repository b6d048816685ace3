from django.urls import path

from copyhold.web.views import applicant, wizard

urlpatterns = [
    path("applications/", applicant.applications, name="applications"),
    path("applications/new/", wizard.start, name="application_start"),
    path("applications/<str:number>/", applicant.application, name="application"),
    path("applications/<str:number>/step/<int:step>/", wizard.step, name="application_step"),
    path("applications/<str:number>/deposit/", wizard.add_deposit, name="application_deposit"),
    path(
        "applications/<str:number>/deposit/<int:deposit>/remove/",
        wizard.remove_deposit,
        name="application_remove_deposit",
    ),
    path("applications/<str:number>/submit/", wizard.submit, name="application_submit"),
    path("applications/<str:number>/answer/", applicant.answer, name="application_answer"),
    path("applications/<str:number>/withdraw/", applicant.withdraw, name="application_withdraw"),
    path("works/<str:number>/licence/", applicant.record_licence, name="licence_record"),
]
