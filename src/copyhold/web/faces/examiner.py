from django.urls import path

from copyhold.web.views import examination, examiner, likeness

PLAIN = ("accept", "claim", "release", "approve")
LETTERS = ("ask_correction", "refuse")

urlpatterns = [
    path("examination/", examiner.queue, name="examination"),
    path("examination/<str:number>/", examiner.workbench, name="examine"),
    path("examination/<str:number>/check/", examination.check, name="examine_check"),
    *(
        path(f"examination/<str:number>/{act}/", examination.act, {"action": act}, name=f"examine_{act}")
        for act in PLAIN
    ),
    *(
        path(f"examination/<str:number>/{act}/", examination.letter, {"action": act}, name=f"examine_{act}")
        for act in LETTERS
    ),
    path("deposits/<int:pk>", likeness.deposit, name="deposit_file"),
    path("likenesses/<int:pk>/<str:name>", likeness.likeness_file, name="likeness_file"),
]
