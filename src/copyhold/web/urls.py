"""All addresses, face by face. Every one is named, and its name stands in web.access."""

from django.urls import URLPattern

from copyhold.web.faces import account, api, applicant, examiner, headquarters, officer, public

urlpatterns: list[URLPattern] = [
    *public.urlpatterns,
    *account.urlpatterns,
    *applicant.urlpatterns,
    *examiner.urlpatterns,
    *officer.urlpatterns,
    *headquarters.urlpatterns,
    *api.urlpatterns,
]

handler400 = "copyhold.web.trouble.bad_request"
handler403 = "copyhold.web.trouble.forbidden"
handler404 = "copyhold.web.trouble.not_found"
handler500 = "copyhold.web.trouble.broken"
