"""Drives ProPyCore, unmodified, through the emulator.

Usage: client.py <emulator url> <client id> <secret>
"""

import sys

from ProPyCore.procore import Procore

host, client_id, secret = sys.argv[1:4]
procore = Procore(client_id=client_id, client_secret=secret, redirect_uri="", base_url=host, oauth_url=host)

company = procore.companies.find("Whitfield & Sons Construction")["id"]
project = procore.projects.find(company_id=company, identifier="Harbor Point Medical Office")["id"]
statuses = procore.change_events.get_statuses(company_id=company, project_id=project)
opened = next(status["id"] for status in statuses if status["mapped_to_status"] == "open")

headers = {"Procore-Company-Id": str(company)}
params = {"project_id": project}
created = procore.change_events.post_request(
    "/rest/v1.0/change_events",
    additional_headers=headers,
    params=params,
    data={
        "change_event": {
            "title": "From ProPyCore",
            "change_event_status_id": opened,
            "event_scope": "tbd",
            "change_event_line_items_attributes": [
                {"description": "Valves", "estimated_cost_amount": 76.25, "estimated_cost_calculation_strategy": "manual"},
            ],
        }
    },
)
line = created["change_event_line_items"][0]
procore.change_events.patch_request(
    f"/rest/v1.0/change_events/{created['id']}",
    additional_headers=headers,
    params=params,
    data={
        "project_id": project,
        "change_event": {"change_event_line_items_attributes": [{"id": line["id"], "estimated_cost_amount": 80}]},
    },
)
read = procore.change_events.find(company_id=company, project_id=project, identifier="From ProPyCore")
amounts = [item["estimated_cost_amount"] for item in read["change_event_line_items"]]
assert amounts == ["80.00"], amounts
print(f"ProPyCore: change event {read['alphanumeric_number']} created, patched and read back")
