from django.urls import path

from copyhold.web.views import cases, clues, likeness, notices, officer, patrols

CLUE_ACTS = ("accept", "reject", "dispatch", "file")
CASE_ACTS = ("investigate", "give_prior_notice", "record_statement", "record_quantities", "send_to_review", "review",
             "return", "decide", "close", "drop", "refer", "add_exhibit", "draft_notice")  # fmt: skip
NOTICE_ACTS = ("serve", "comply", "answer", "lapse", "lift")

urlpatterns = [
    path("findings/", officer.findings, name="findings"),
    path("findings/<str:number>/", officer.finding, name="finding"),
    path("findings/<str:number>/judge/", officer.judge, name="finding_judge"),
    path("matches/<int:pk>/<str:name>", likeness.match_file, name="match_file"),
    path("exhibits/", officer.exhibits, name="exhibits"),
    path("exhibits/<str:number>/", officer.exhibit, name="exhibit"),
    path("exhibits/<str:number>/check/", officer.exhibit_check, name="exhibit_check"),
    path("exhibits/<str:number>/bundle/", officer.exhibit_export, name="exhibit_export"),
    path("targets/", patrols.targets, name="targets"),
    path("targets/new/", patrols.add, name="target_add"),
    path("targets/<str:number>/", patrols.target, name="target"),
    path("targets/<str:number>/patrol/", patrols.queue, name="patrol_queue"),
    path("patrols/<str:number>/", patrols.patrol, name="patrol"),
    path("clues/", clues.clues, name="clues"),
    path("clues/<str:number>/", clues.clue, name="clue"),
    *(path(f"clues/<str:number>/{act}/", clues.act, {"action": act}, name=f"clue_{act}") for act in CLUE_ACTS),
    path("cases/", cases.cases, name="cases"),
    path("cases/<str:number>/", cases.case, name="case"),
    *(path(f"cases/<str:number>/{act}/", cases.act, {"action": act}, name=f"case_{act}") for act in CASE_ACTS),
    path("documents/<int:pk>", cases.document, name="document"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<str:number>/", notices.notice, name="notice"),
    *(path(f"notices/<str:number>/{act}/", notices.act, {"action": act}, name=f"notice_{act}") for act in NOTICE_ACTS),
]
