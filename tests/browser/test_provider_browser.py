"""Logging in by way of a real provider of OpenID Connect (canaille), in real Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_iam import iam_configuration, iam_server, iam_server_port
from sqlalchemy import update

from tests.browser.live import Chromium, Site
from workflows.accounts.model import ProviderSignIn

__all__ = ["iam_configuration", "iam_server", "iam_server_port"]
pytestmark = [
    pytest.mark.usefixtures("chromium"),
    pytest.mark.parametrize("urls", ["sqlite"], indirect=True),
    pytest.mark.filterwarnings("ignore"),  # of the provider's own libraries
]


def test_somebody_of_a_provider_is_let_in_with_the_role_of_the_rule_and_out_again(
    chromium: Chromium, site: Site, iam_server, tmp_path: Path
) -> None:
    site.kill()
    back = f"{site.address}/inloggen/via/ggd/terug"
    client = iam_server.models.Client(
        client_id="steun", client_secret="een-geheim", client_name="Steun op Maat", contacts=["x@voorbeeld.example"],
        redirect_uris=[back], post_logout_redirect_uris=[f"{site.address}/inloggen"], grant_types=["authorization_code"],
        response_types=["code"], scope=["openid", "profile", "groups"], token_endpoint_auth_method="client_secret_basic",
    )  # fmt: skip
    user = iam_server.models.User(
        user_name="gijs", given_name="Gijs", family_name="Buiten", formatted_name="Gijs van Buiten", password="een-lang-wachtwoord",
        emails=["gijs@voorbeeld.example"],
    )  # fmt: skip
    iam_server.backend.save(client)
    client.audience = [client]  # once it is there
    iam_server.backend.save(client)
    iam_server.backend.save(user)
    group = iam_server.models.Group(display_name="verkenners", members=[user])
    iam_server.backend.save(group)
    iam_server.consent(user, client)
    file = tmp_path / "aanbieders.toml"
    file.write_text(
        f"""
[[provider]]
code = "ggd"
name = "GGD (fictief)"
issuer = "{_issuer(iam_server)}"
client_id = "steun"
client_secret = "een-geheim"
scopes = ["profile", "groups"]
just_in_time = true
[[provider.rule]]
claim = "groups"
value = "verkenners"
organisation = "{site.world.region.youth_health.name}"
role = "explorer"
"""
    )
    site.environment |= {"STEUN_OIDC_FILE": str(file), "STEUN_PUBLIC_URL": site.address}
    site.start()
    visitor = chromium.visit(site, width=390)
    page = visitor.page
    page.goto(f"{site.address}/afwezig")
    visitor.look("inloggen via een aanbieder")
    page.get_by_role("link", name="Inloggen via GGD (fictief)").click()
    page.wait_for_url(f"{iam_server.url}**")
    page.locator("input[name=login]").fill("gijs")
    page.locator("input[name=login]").press("Enter")
    page.locator("input[name=password]").fill("een-lang-wachtwoord")
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"{site.address}/afwezig")
    page.get_by_text("Gijs van Buiten").first.wait_for(state="attached")
    visitor.look("binnen")

    with site.world.database.writing() as session:  # as if the provider had only remembered this browser
        session.execute(update(ProviderSignIn).values(asked=False))
    page.goto(f"{site.address}/account/programmas/nieuw")
    visitor.look("een token maken: eerst opnieuw inloggen")
    page.get_by_role("link", name="Log opnieuw in bij GGD (fictief)").click()
    page.wait_for_url(f"{iam_server.url}**")
    page.locator("input[name=password]").fill("een-lang-wachtwoord")
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(f"{site.address}/account/programmas/nieuw")
    page.get_by_role("button", name="Maak het token").wait_for()
    visitor.look("een token maken zonder wachtwoord")

    page.locator(".steun-me summary").click()
    page.get_by_role("button", name="Uitloggen").click()
    page.get_by_text("bent u misschien nog ingelogd").wait_for()
    visitor.look("uitgelogd")
    page.goto(f"{back}?state=x&code=y")
    page.get_by_role("heading", name="Inloggen via GGD (fictief) lukt niet").wait_for()
    visitor.look("niet ingelogd")
    visitor.complaints.clear()  # pages of the provider are its own
    visitor.leave(refused=[401])


def _issuer(server) -> str:
    found = server.test_client.get("/.well-known/openid-configuration").json
    return str(found["issuer"])
