"""The JSON API: tokens of limited scope, the desk's port, the OpenAPI description. Every operation is tried with every
scope; nothing here lists operations by hand."""
import http.client
import json
import os
import shutil
import subprocess
import time

from comity import SOURCE, ApiError, Node, Skip, fields_of, free_port, introduce


def desk(base):
    port = free_port()
    return Node(base, "th.contact", conf={"four_eyes": "", "desk": f"127.0.0.1:{port}", "desk_url": f"http://localhost:{port}"},
                init_args=["--officer", "somchai:duty"]).start(), port


def call(port, op, token=None, body=None, method="POST", head=None):
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    heads = {"Host": f"localhost:{port}", "Content-Type": "application/json"}
    if token:
        heads["Authorization"] = "Bearer " + token
    heads.update(head or {})
    conn.request(method, "/api/v1/" + op, json.dumps(body or {}) if method == "POST" else None, heads)
    r = conn.getresponse()
    data = r.read()
    is_json = r.getheader("Content-Type") == "application/json"
    return r.status, json.loads(data) if is_json else {}, dict(r.getheaders())


def token(node, name, scopes, officer="admin", **more):
    return node.api("token.add", name=name, officer=officer, scopes=scopes, **more)["token"]


def described(port):
    status, doc, _ = call(port, "openapi.json", method="GET")
    assert status == 200, doc
    return {path.split("/")[-1]: item["post"] for path, item in doc["paths"].items()}, doc


def example(schema):
    """The least that a schema of an input asks for."""
    kinds = schema.get("type")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    if kind == "object":
        return {k: example(schema["properties"][k]) for k in schema.get("required", [])}
    if kind == "array":
        return [example(schema["items"]) if "items" in schema else {}] * max(1, schema.get("minItems", 0))
    if kind == "string":
        return {"uuid": "01a20000-0000-7000-8000-000000000000",
                "date-time": "2026-11-25T09:00:00Z"}.get(schema.get("format"), "x")
    return {"integer": schema.get("minimum", 1), "number": 1, "boolean": True}[kind]


def test_every_operation_by_every_scope(base):
    n, port = desk(base)
    ops, _ = described(port)
    scopes = ["read", "requests", "evidence", "admin"]
    tokens = {s: token(n, "t-" + s, [s]) for s in scopes}
    assert len(ops) > 45
    for op, row in ops.items():
        # An unknown member stops an operation after the scope was checked and before anything is done.
        for s in scopes:
            status, answer, _ = call(port, op, tokens[s], {"no such member": 1})
            if row.get("x-scope") == s:
                assert "scope" not in answer["message"], (op, s, answer)
            else:
                assert status == 403 and ("scope" in answer["message"] or "it is for" in answer["message"]), (op, s, answer)
    assert not any(ops[op].get("x-scope") for op in ("token.add",))
    n.stop()


def test_what_is_described_is_what_is_checked(base):
    n, port = desk(base)
    ops, doc = described(port)
    assert doc["openapi"] == "3.1.0"
    own = n.token("admin")
    for op, row in ops.items():
        media = row["requestBody"]["content"]
        if "application/json" not in media:  # bytes: what it needs besides stands in the query
            assert list(media) == ["application/octet-stream"], (op, media)
            needed = [p["name"] for p in row["parameters"] if p["required"] and p["in"] == "query"]
            assert needed, op
            status, answer, _ = call(port, op, own)
            assert (status, answer["error"]) == (400, "EUSAGE") and needed[0] in answer["message"], (op, answer)
            for query in ("", "?" + "&".join(f"{name}=x" for name in needed)):
                status, answer, _ = call(port, op + query, own, head={"Content-Type": "application/octet-stream"})
                assert status == 415, (op, query, answer)
            continue
        schema = media["application/json"]["schema"]
        status, answer, _ = call(port, op, own, {"no such member": 1})
        assert status in (400, 403) and ("not a member" in answer["message"] or "it is for" in answer["message"]), (op, answer)
        if status == 403:
            continue
        assert "properties" in schema, f"{op} has no description of its members: give it a row in an ops_shape.c"
        for name in schema.get("required", []):
            body = {k: v for k, v in example(schema).items() if k != name}
            status, answer, _ = call(port, op, own, body)
            assert (status, answer["error"]) == (400, "EUSAGE") and name in answer["message"], (op, name, answer)
        for name, member in schema["properties"].items():
            status, answer, _ = call(port, op, own, {**example(schema), name: {"a": [1]} if member["type"] != "object" and
                                                     "object" not in member["type"] else 7})
            assert status == 400 and name in answer["message"], (op, name, answer)
            if member.get("maxLength"):
                status, answer, _ = call(port, op, own, {**example(schema), name: "x" * (member["maxLength"] + 1)})
                assert status in (400, 413) and name in answer["message"], (op, name, answer)
            for bound, step in (("maximum", 1), ("minimum", -1)):
                if bound in member:
                    status, answer, _ = call(port, op, own, {**example(schema), name: member[bound] + step})
                    assert status == 400 and name in answer["message"], (op, name, answer)
    n.stop()


def test_a_token_is_no_more_than_its_officer(base):
    n, port = desk(base)
    t = token(n, "duty-admin", ["admin", "read"], officer="somchai")
    status, answer, _ = call(port, "user.list", t)
    assert status == 403 and "it is for" in answer["message"]
    assert call(port, "request.list", t)[0] == 200
    n.api("user.disable", name="somchai")
    assert call(port, "request.list", t)[0] == 403
    n.stop()


def test_tokens_end_and_are_revoked(base):
    n, port = desk(base)
    t = token(n, "tickets", ["read"])
    assert t.startswith("comity_") and call(port, "case.list", t)[0] == 200
    n.cli("token", "revoke", "tickets", "--as", "admin")
    status, answer, _ = call(port, "case.list", t)
    assert status == 403 and "revoked" in answer["message"]
    until = time.time() + 10
    while n.api("token.list")["tokens"][0]["used"] is None and time.time() < until:
        time.sleep(0.1)
    row = n.api("token.list")["tokens"][0]
    assert row["state"] == "revoked" and row["used"] and "token" not in row
    with open(n.home + "/node.db", "rb") as f:
        assert t.encode() not in f.read()
    for bad in ({"scopes": ["all"]}, {"scopes": []}, {"name": "../x"}, {"days": 5000}, {"officer": "nobody"}):
        try:
            n.api("token.add", **{"name": "x", "officer": "admin", "scopes": ["read"], **bad})
            raise AssertionError(f"{bad} was taken")
        except ApiError as e:
            assert e.status in (400, 404), e
    n.stop()


def test_the_command_line_keeps_a_token_in_a_file(base):
    n, port = desk(base)
    p = n.cli("token", "add", "export", "--officer", "somchai", "--scope", "read", "--scope", "evidence", "--days", "3",
              "--as", "admin", "--json")
    assert "comity_" not in p.stdout
    with open(n.home + "/officers/export.api-token", encoding="utf-8") as f:
        assert call(port, "case.list", f.read().strip())[0] == 200
    doc = json.loads(n.cli("api", "describe", "--as", "admin").stdout)
    assert "/api/v1/request.new" in doc["paths"]
    n.stop()


def test_browsers_and_strangers_stay_outside(base):
    n, port = desk(base)
    t = token(n, "t", ["read"])
    assert call(port, "case.list", t)[0] == 200
    for head, want in (({"Origin": "https://elsewhere.example"}, 403), ({"Sec-Fetch-Site": "cross-site"}, 403),
                       ({"Host": "elsewhere.example"}, 403), ({"Content-Type": "text/plain"}, 415),
                       ({"Content-Type": "application/x-www-form-urlencoded"}, 400)):
        status, _, heads = call(port, "case.list", t, {"limit": 1}, head=head)
        assert status == want, (head, status)
        assert not any(h.lower().startswith("access-control") for h in heads), heads
    status, answer, _ = call(port, "case.list", head={"Cookie": "comity=" + "0" * 64})
    assert status == 403 and "token" in answer["message"]
    seen = [call(port, "case.list", "comity_" + "0" * 64)[0] for _ in range(8)]
    assert seen[0] == 403 and seen[-1] == 429, seen
    status, _, heads = call(port, "case.list", t)
    assert status == 429 and int(heads["Retry-After"]) > 0
    n.stop()


def test_a_request_goes_its_way_by_the_api_alone(base):
    n, port = desk(base)
    us = Node(base, "us.contact").start()
    introduce(n, us)
    t = token(n, "t", ["requests"], officer="somchai")
    status, draft, _ = call(port, "request.new", t, {"to": "us.contact", "ours": "X-1", "measure": "preserve",
                                                     "urgency": "urgent", "fields": fields_of()})
    assert status == 200, draft
    status, sent, _ = call(port, "request.send", t, {"id": draft["id"]})
    assert (status, sent["state"]) == (200, "sent"), sent
    assert call(port, "request.show", t, {"id": draft["id"]})[0] == 403
    n.stop()
    us.stop()


def test_the_description_is_valid_openapi(base):
    folder = os.path.join(base, "npm")
    shutil.copytree(os.path.join(SOURCE, "tests", "openapi"), folder)
    if shutil.which("npm") is None:
        raise Skip("npm is not here")
    p = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=folder, capture_output=True, text=True)
    if p.returncode != 0:
        raise Skip("npm could not install the validator: " + p.stderr[-200:])
    n, port = desk(base)
    _, doc = described(port)
    p = subprocess.run(["node", "check.mjs"], cwd=folder, input=json.dumps(doc), capture_output=True, text=True)
    assert (p.returncode, p.stdout.strip()) == (0, "3.1"), p.stdout + p.stderr
    doc["paths"]["/api/v1/status"]["post"]["responses"] = 7
    p = subprocess.run(["node", "check.mjs"], cwd=folder, input=json.dumps(doc), capture_output=True, text=True)
    assert p.returncode == 1, "a check that cannot fail checks nothing"
    n.stop()


def fits(value, schema, where):
    """Is value what the schema of an answer says? The part of JSON Schema that openapi.c writes."""
    kinds = schema.get("type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    names = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}
    if value is None:
        assert "null" in kinds, where + " is null"
        return
    assert isinstance(value, names[kinds[0]]) and (kinds[0] == "boolean" or not isinstance(value, bool)), f"{where}: {value}"
    if isinstance(value, dict) and "properties" in schema:
        for name in schema.get("required", []):
            assert name in value, f"{where} lacks {name}"
        for name, inner in value.items():
            if name in schema["properties"]:
                fits(inner, schema["properties"][name], f"{where}.{name}")
    if isinstance(value, list) and "items" in schema:
        for inner in value:
            fits(inner, schema["items"], where + "[]")


def test_answers_are_as_described(base):
    n, port = desk(base)
    us = Node(base, "us.contact").start()
    introduce(n, us)
    ops, _ = described(port)
    own = n.token("admin")
    unsaid = []

    def ask(op, **body):
        status, answer, _ = call(port, op, own, body)
        assert status == 200, (op, answer)
        schema = ops[op]["responses"]["200"]["content"]["application/json"]["schema"]
        fits(answer, schema, op)
        unsaid.extend(f"{op}: {m}" for m in answer if "properties" in schema and m not in schema["properties"])
        return answer

    draft = ask("request.new", to="us.contact", ours="X-1", measure="preserve", urgency="urgent", fields=fields_of())
    ask("draft.show", id=draft["id"])
    ask("inbox.list")
    ask("request.send", id=draft["id"])
    for op, body in (("request.list", {}), ("request.show", {"id": draft["id"]}), ("case.list", {}),
                     ("case.show", {"case_id": draft["case_id"]}), ("delivery.list", {}), ("record.get", {"id": draft["id"]}),
                     ("form.list", {}), ("form.show", {"measure": "preserve"}), ("user.list", {}), ("event.list", {}),
                     ("directory.self", {}), ("directory.list", {}), ("directory.show", {"address": "us.contact"}),
                     ("directory.ping", {"address": "us.contact"}), ("status", {}), ("ledger.checkpoint", {}),
                     ("exhibit.list", {}), ("access.list", {}), ("token.list", {}), ("user.invite", {"name": "somchai"}),
                     ("message.send", {"case_id": draft["case_id"], "text": "hello"}), ("api.describe", {}),
                     ("case.export", {"case_id": draft["case_id"]}),
                     ("token.add", {"name": "x", "officer": "admin", "scopes": ["read"]}), ("token.revoke", {"name": "x"}),
                     ("user.add", {"name": "y", "role": "duty"}), ("user.disable", {"name": "y"})):
        ask(op, **body)
    assert not unsaid, "answers hold what is not described: " + ", ".join(unsaid)
    n.stop()
    us.stop()
