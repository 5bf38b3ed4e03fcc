// What is asked of the server.

export async function ask(path, parameters = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined);
  const query = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return read(await fetch(given.length ? `${path}?${query}` : path));
}

export async function forget(by, value, reason, token) {
  return read(
    await fetch("/api/forget", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ by, value, reason }),
    }),
  );
}

async function read(response) {
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const detail = Array.isArray(body.detail) ? body.detail.map((one) => one.msg).join("; ") : body.detail;
  throw new Error(body.error || detail || `The server answered with status ${response.status}.`);
}
