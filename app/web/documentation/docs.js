// Shows openapi.json: every route with its bodies, answers and an example that can be sent.

function element(name, text, ...children) {
  const node = document.createElement(name);
  if (text) node.textContent = text;
  node.append(...children);
  return node;
}

const pretty = (value) => JSON.stringify(value, null, 1);

// A schema in words: a reference by its name, else its type.
function named(schema) {
  if (!schema) return "anything";
  if (schema.$ref) return schema.$ref.split("/").pop();
  const choice = schema.oneOf ?? schema.anyOf;
  if (choice) return choice.map(named).join(" or ");
  if (schema.type === "array") return `list of ${named(schema.items)}`;
  return schema.enum?.join(" | ") ?? schema.const ?? schema.format ?? schema.type ?? "anything";
}

function listed(heading, rows) {
  if (!rows.length) return [];
  const list = element("dl");
  for (const [term, text] of rows) list.append(element("dt", term), element("dd", text));
  return [element("h3", heading), list];
}

function contents(content) {
  return Object.entries(content ?? {}).map(([type, { schema }]) => `${type}: ${named(schema)}`);
}

// The example as it would be typed into a shell.
function curl(method, path, body) {
  const address = `${location.origin}${path}`;
  if (method === "get") return `curl ${address}`;
  const json = body?.content["application/json"];
  if (!json) return `curl -X ${method.toUpperCase()} ${address}`;
  return body.content["image/png"]
    ? `curl -F file=@digit.png ${address}`
    : `curl -H 'Content-Type: application/json' -d @request.json ${address}`;
}

function trial(method, path, body) {
  const example = Object.values(body?.content["application/json"]?.examples ?? {})[0]?.value;
  const output = element("pre");
  output.hidden = true;
  output.setAttribute("aria-live", "polite");
  const parts = [];
  let input = null;
  if (body) {
    input = element("textarea", JSON.stringify(example ?? {}));
    input.rows = 4;
    input.setAttribute("aria-label", `body of ${method} ${path}`);
    parts.push(input);
  }
  const button = element("button", "Send");
  button.addEventListener("click", async () => {
    output.hidden = false;
    try {
      const request = input
        ? { method, headers: { "Content-Type": "application/json" }, body: input.value }
        : { method };
      const response = await fetch(path, request);
      const text = await response.text();
      const isJson = response.headers.get("content-type")?.includes("json");
      const shown = isJson ? pretty(JSON.parse(text)) : text;
      output.textContent = `${response.status} ${response.statusText}\n${shown}`;
    } catch {
      output.textContent = "The service does not answer.";
    }
  });
  return [...parts, button, output];
}

function operation(path, method, described) {
  const title = element("h2", "", element("span", method.toUpperCase()), ` ${path}`);
  title.firstChild.className = "method";
  const article = element("article", "", title);
  article.id = described.operationId;
  article.append(element("p", described.description ?? described.summary));
  const parameters = described.parameters ?? [];
  article.append(...listed("Parameters", parameters.map((parameter) => [
    `${parameter.name} (${parameter.in}${parameter.required ? ", required" : ""})`,
    `${named(parameter.schema)}. ${parameter.description ?? ""}`,
  ])));
  const bodies = contents(described.requestBody?.content).map((line) => line.split(": "));
  article.append(...listed("Body, one of", bodies));
  article.append(...listed("Answers", Object.entries(described.responses).map(
    ([status, answer]) => [status, [answer.description, ...contents(answer.content)].join("; ")],
  )));
  article.append(element("pre", curl(method, path, described.requestBody)));
  if (!parameters.some((parameter) => parameter.required)) {
    article.append(...trial(method, path, described.requestBody));
  }
  return article;
}

const description = document.querySelector("#description");
try {
  const api = await (await fetch("openapi.json")).json();
  description.textContent = api.info.description;
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, described] of Object.entries(methods)) {
      const link = element("a", `${method.toUpperCase()} ${path}`);
      link.href = `#${described.operationId}`;
      const item = element("li", "", link, ` ${described.summary ?? ""}`);
      document.querySelector("#contents").append(item);
      document.querySelector("#operations").append(operation(path, method, described));
    }
  }
  for (const [name, schema] of Object.entries(api.components.schemas)) {
    const details = element("details", "", element("summary", name), element("pre", pretty(schema)));
    document.querySelector("#schemas").append(details);
  }
} catch {
  description.textContent = "The service does not answer; load the page again in a moment.";
}
