/// One line a parser; its body is in the file of its name.
let fuzzTargets: [String: FuzzTarget] = [
    "addresses": fuzzAddresses,
    "http-differential": fuzzHTTPDifferential,
    "http-fields": fuzzHTTPFields,
    "http-request": fuzzHTTPRequest,
    "http-response": fuzzHTTPResponse,
    "inflate": fuzzInflate,
    "json": fuzzJSON,
    "log-line": fuzzLogLine,
    "proxy-protocol": fuzzProxyHeader,
    "settings": fuzzSettings,
    "toml": fuzzTOML,
    "utf8": fuzzUTF8,
    "websocket-client": fuzzWebSocketClient,
    "websocket-handshake": fuzzWebSocketHandshake,
    "websocket-server": fuzzWebSocketServer,
]
