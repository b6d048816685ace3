from django.urls import path

from copyhold.web.views import account

urlpatterns = [
    path("sign-in/", account.sign_in, name="sign_in"),
    path("sign-out/", account.sign_out, name="sign_out"),
    path("sign-in/role/", account.choose_membership, name="choose_membership"),
    path("desk/", account.desk, name="desk"),
]
