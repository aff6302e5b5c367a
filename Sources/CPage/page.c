#include "page.h"

static const unsigned char index_html[] = {
#embed "page/index.html"
};
static const unsigned char page_css[] = {
#embed "page/page.css"
};
static const unsigned char page_js[] = {
#embed "page/page.js"
};
static const unsigned char openapi_json[] = {
#embed "page/openapi.json"
};

static const roost_page_file files[] = {
    {"/", "text/html; charset=utf-8", index_html, sizeof index_html},
    {"/page.css", "text/css; charset=utf-8", page_css, sizeof page_css},
    {"/openapi.json", "application/json", openapi_json, sizeof openapi_json},
    {"/page.js", "text/javascript; charset=utf-8", page_js, sizeof page_js},
};
const size_t roost_page_file_count = sizeof files / sizeof *files;

const roost_page_file *roost_page_file_at(size_t index) {
    return index < roost_page_file_count ? &files[index] : 0;
}
