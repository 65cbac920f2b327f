"""The pages on which a case is closed to somebody who knows the family otherwise, without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

from tests.browser.reader import Reader
from tests.workflows.path import World


def test_who_knows_the_family_is_kept_out_by_the_holder_or_says_so(
    enter: Callable[[str], Reader], world: World
) -> None:
    case_id = world.explored()
    nurse2 = world.region.nurse2.person_id
    midwife = enter("midwife").open(f"/casussen/{case_id}")
    assert "Wie mag hier niet in?" in midwife.text
    midwife.open(f"/casussen/{case_id}/afgeschermd")
    assert "Niemand is afgeschermd." in midwife.text

    midwife.send("/afgeschermd", status=400, person_id=nurse2)
    assert "Kies waarvan deze persoon het gezin kent." in midwife.text
    midwife.send("/afgeschermd", person_id=nurse2, reason="family")
    assert "Deze persoon kan er vanaf nu niet meer bij." in midwife.text
    assert "Joris Jeugdverpleegkundige" in midwife.text
    card = "//li//*[self::h3 or self::h4][contains(., 'Verkenning doen')]"
    pool = enter("nurse2").open("/werk")
    assert not pool.tree.xpath(card)
    assert not pool.tree.xpath("//button[contains(., 'Pak op')]")

    nurse = enter("nurse").open("/werk")
    assert nurse.tree.xpath(card), "the others of the team do see it"
    nurse.send("/oppakken")
    task = nurse.path
    nurse.open(f"{task}/ken-ik").send("/ken-ik", status=400)
    nurse.send("/ken-ik", reason="neighbour")
    assert nurse.path == "/werk"
    assert "U ziet dit gezin niet meer." in nurse.text
    for path in (task, f"{task}/ken-ik", f"/casussen/{case_id}", f"/casussen/{case_id}/ken-ik", f"/casussen/{case_id}/afgeschermd"):  # fmt: skip
        nurse.open(path, status=404)

    nurse2_ = enter("nurse2")
    nurse2_.open(f"/casussen/{case_id}/afgeschermd", status=404)
