from django.urls import path, register_converter

from copyhold.web.views import identify, log, pictures, public, record, report, verify


class Octets:
    """The tlog-tiles spelling of a number: groups of three digits, all but the last with an x: x001/x234/067."""

    regex = r"(?:x[0-9]{3}/)*[0-9]{3}"

    def to_python(self, value: str) -> int:
        return int(value.replace("x", "").replace("/", ""))

    def to_url(self, value: int) -> str:
        groups = [f"{value % 1000:03}"]
        while value := value // 1000:
            groups.insert(0, f"x{value % 1000:03}")
        return "/".join(groups)


register_converter(Octets, "tile")

urlpatterns = [
    path("", public.home, name="home"),
    path("seek", public.seek, name="seek"),
    path("works/", public.works, name="works"),
    path("works/<str:number>", record.work, name="work"),
    path("works/<str:number>/picture.jpg", pictures.work_picture, name="work_picture"),
    path("works/<str:number>/certificate.pdf", record.certificate_pdf, name="certificate_pdf"),
    path("works/<str:number>/certificate.zip", record.certificate_bundle, name="certificate_bundle"),
    path("verify/", verify.verify, name="verify"),
    path("v/<str:number>", verify.verify_number, name="verify_number"),
    path("identify/", identify.identify, name="identify"),
    path("report/", report.report, name="report"),
    path("report/<str:receipt>", report.follow, name="report_receipt"),
    path("log/", log.log, name="log"),
    path("log/checkpoint", log.checkpoint, name="log_checkpoint"),
    path("log/tile/<int:level>/<tile:index>", log.tile, name="log_tile"),
    path("log/tile/<int:level>/<tile:index>.p/<int:width>", log.tile, name="log_tile"),
    path("accessibility/", public.accessibility, name="accessibility"),
    path("privacy/", public.privacy, name="privacy"),
]
