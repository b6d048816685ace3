"""The public search finds by number, title and owner; a natural person is not found by name."""

from copyhold.registry.models import Application, Work


def test_an_exact_number_comes_first(desk):
    first, second = desk.registered(), desk.registered(title="关于兰作登字的札记")
    second.title_en = first.number
    second.save()
    assert list(Work.objects.found_by(first.number)) == [first, second]


def test_found_by_title_and_owner_in_both_languages(desk):
    work = desk.registered()
    for words in ("夜鹭", "night heron", "苇岸", "reedbank"):
        assert list(Work.objects.found_by(words)) == [work]
    assert not Work.objects.found_by("no such thing").exists()
    assert list(Work.objects.found_by("")) == [work]


def test_a_natural_person_is_not_found_by_name(desk):
    desk.people.reedbank.is_natural_person = True
    desk.people.reedbank.save()
    desk.registered()
    assert not Work.objects.found_by("苇岸").exists()


def test_the_queue_is_the_oldest_first(desk):
    applications = [desk.submitted() for _ in range(3)]
    desk.draft()
    assert list(Application.objects.waiting_for_examiner()) == applications
