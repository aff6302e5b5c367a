// The front page: who is logged in, and whether the websocket works from here.
const $ = (id) => document.getElementById(id);
const cookie = (name) =>
  document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);

let socket = null;

async function call(method, path, body) {
  const headers = {};
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["X-CSRF-Token"] = cookie("MMCSRF") ?? "";
  const response = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.message);
  return answer;
}

function show(user) {
  $("me").textContent = user
    ? `You are ${user.nickname} (${user.username}).`
    : "Nobody is logged in here.";
  $("login").hidden = Boolean(user);
  $("logout").hidden = !user;
  if (user) connect();
  else {
    socket?.close(1000);
    socket = null;
    $("connection").textContent = "Not connected: nobody is logged in.";
  }
}

function connect() {
  const url = new URL("/api/v4/websocket", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const mine = (socket = new WebSocket(url));
  let asked = 0;
  mine.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.event === "hello") {
      $("connection").textContent = `Connected as ${message.data.connection_id}.`;
      asked = performance.now();
      mine.send(JSON.stringify({ action: "ping", seq: 1 }));
    } else if (message.seq_reply === 1) {
      const took = performance.now() - asked;
      $("connection").textContent += ` A ping took ${took.toFixed(1)} ms.`;
    }
  };
  mine.onclose = (event) => {
    if (mine !== socket) return;
    $("connection").textContent = `Disconnected (${event.code}${event.reason && `: ${event.reason}`}).`;
  };
}

$("login").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    show(await call("POST", "/api/v4/users/login", { login_id: $("name").value }));
  } catch (error) {
    $("me").textContent = `That did not work: ${error.message}`;
  }
});

$("logout").addEventListener("click", async () => {
  try {
    await call("POST", "/api/v4/users/logout");
    show(null);
  } catch (error) {
    $("me").textContent = `That did not work: ${error.message}`;
  }
});

call("GET", "/version").then((answer) => {
  $("version").textContent = `Roost ${answer.roost}.`;
});
// Only this page's own cookie says whether it is worth asking who one is.
if (cookie("MMUSERID")) call("GET", "/api/v4/users/me").then(show, () => show(null));
else show(null);
