/// One line a parser; its body is in the file of its name.
let fuzzTargets: [String: FuzzTarget] = [
    "inflate": fuzzInflate,
    "json": fuzzJSON,
    "settings": fuzzSettings,
    "toml": fuzzTOML,
    "utf8": fuzzUTF8,
    "websocket-client": fuzzWebSocketClient,
    "websocket-handshake": fuzzWebSocketHandshake,
    "websocket-server": fuzzWebSocketServer,
]
