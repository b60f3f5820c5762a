"""Writes the API's document with ids of the demo in it, so that a fuzzer reaches what is behind them: known.py URL DOCUMENT.

Prints a new token of the demo's project manager. Beside the known ids any other stays possible.
"""

import html, http.cookiejar, json, re, sys, urllib.error, urllib.parse, urllib.request

URL, DOCUMENT = sys.argv[1:]
PERSON, PASSWORD = "d.whitfield@whitfieldsons.example", "harbor-point-at-dawn"


def token():
    """Signs in as people do and makes a token on the page for it."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    browser.addheaders = [("Origin", URL), ("Sec-Fetch-Site", "same-origin")]
    post = lambda path, form: browser.open(URL + path, urllib.parse.urlencode(form).encode()).read().decode()
    post("/sign-in", {"email": PERSON, "password": PASSWORD})
    page = post("/settings/tokens", {"name": "Fuzzing", "days": "30"})
    return html.unescape(re.search(r'id="new-token" value="([^"]+)"|value="([^"]+)" id="new-token"', page)[1])


TOKEN = token()


def call(method, path, body=None):
    """An answer of the API, or nothing where it refused."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{URL}/api/v1{path}", data, headers, method=method)) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        print(f"{method} {path}: {refused.code} {refused.read(300)}", file=sys.stderr)
        return {}


ids = {name: [] for name in ["project", "office", "contract", "cor", "draft", "push", "reconciliation"]}
events = []
for project in call("GET", "/projects")["projects"][:3]:
    at = f"/projects/{project['id']}"
    ids["project"].append(project["id"])
    ids["office"].append(project["office"]["id"])
    ids["contract"] += [contract["id"] for contract in call("GET", at)["contracts"]]
    for side in ["received", "sent"]:
        rows = call("GET", f"{at}/log/{side}?limit=40")["rows"]
        ids["cor"] += [row["id"] for row in rows]
        events += [row["procore"]["event"]["id"] for row in rows if row["procore"].get("event")]
        for state in ["not_in_procore", "update_needed"]:
            begun = [row["id"] for row in rows if row["procore"]["state"] == state][:2]
            if begun:
                drafts = call("POST", "/push-drafts", {"project_id": project["id"], "side": side, "cors": begun})
                ids["draft"] += [draft["id"] for draft in drafts.get("drafts", [])]
    figures = call("GET", f"{at}/reconciliation").get("figures")
    signed = figures and call("POST", f"{at}/reconciliation/signatures", {"figures": figures})
    ids["reconciliation"] += [signed["signature"]["id"]] if signed else []
for draft in ids["draft"]:
    if events:
        call("PUT", f"/push-drafts/{draft}/event", {"event_id": events[0]})
    if call("POST", f"/push-drafts/{draft}/plan", {}):
        pushed = call("POST", f"/push-drafts/{draft}/push", {})
        ids["push"] += [pushed["push_id"]] if "push_id" in pushed else []

print({name: len(known) for name, known in ids.items()}, file=sys.stderr)
NAMES = {**ids, "project_id": ids["project"], "contract_id": ids["contract"], "cors": ids["cor"]}


def knowing(schema, known):
    """A schema of an id with the known ones named."""
    if schema.get("format") == "uuid" and known:
        return {"anyOf": [{"enum": known}, schema]}
    if "items" in schema:
        return {**schema, "items": knowing(schema["items"], known)}
    return schema


document = json.load(open("docs/openapi.json"))
for path in document["paths"].values():
    for operation in path.values():
        for parameter in operation.get("parameters", []):
            parameter["schema"] = knowing(parameter["schema"], NAMES.get(parameter["name"]))
schemas = document["components"]["schemas"]
for schema in schemas.values():
    for name, field in schema.get("properties", {}).items():
        schema["properties"][name] = knowing(field, NAMES.get(name))
if events:
    schemas["ProcoreId"] = {"anyOf": [{"enum": sorted(set(events))}, schemas["ProcoreId"]]}
json.dump(document, open(DOCUMENT, "w"))
print(TOKEN)
