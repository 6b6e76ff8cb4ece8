"""`/docs`: what there is, for people, in browsers that reach nothing else."""

import re

import httpx


def test_the_page_needs_nothing_from_elsewhere(anybody: httpx.Client) -> None:
    page = anybody.get("/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "/openapi.json" in page.text
    assert re.findall(r"(?:https?:)?//[a-z]+\.[a-z]+|\b(?:src|href)=", page.text) == []


def test_nothing_that_others_could_write_into_it_runs(anybody: httpx.Client) -> None:
    first, second = anybody.get("/docs"), anybody.get("/docs")
    policies = [answer.headers["content-security-policy"] for answer in (first, second)]
    assert all("default-src 'none'" in policy and "unsafe" not in policy for policy in policies)
    nonces = [re.findall(r"script-src 'nonce-([\w-]+)'", policy) for policy in policies]
    assert nonces[0] != nonces[1]
    assert first.text.count(f'nonce="{nonces[0][0]}"') == 2, "its style and its script"
    assert "innerHTML" not in first.text


def test_the_bare_address_leads_there(anybody: httpx.Client) -> None:
    answer = anybody.get("/", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/docs")


def test_it_is_no_part_of_what_it_describes(anybody: httpx.Client) -> None:
    assert {"/", "/docs"} & set(anybody.get("/openapi.json").json()["paths"]) == set()
