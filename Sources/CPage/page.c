#include "page.h"

static const unsigned char index_html[] = {
#embed "page/index.html"
};
static const unsigned char page_css[] = {
#embed "page/page.css"
};
static const unsigned char room_css[] = {
#embed "page/room.css"
};
static const unsigned char roost_svg[] = {
#embed "page/roost.svg"
};
static const unsigned char openapi_json[] = {
#embed "page/openapi.json"
};
static const unsigned char controls_js[] = {
#embed "page/controls.js"
};
static const unsigned char devices_js[] = {
#embed "page/devices.js"
};
static const unsigned char dom_js[] = {
#embed "page/dom.js"
};
static const unsigned char door_js[] = {
#embed "page/door.js"
};
static const unsigned char ears_js[] = {
#embed "page/ears.js"
};
static const unsigned char emoji_js[] = {
#embed "page/emoji.js"
};
static const unsigned char fade_js[] = {
#embed "page/fade.js"
};
static const unsigned char figures_js[] = {
#embed "page/figures.js"
};
static const unsigned char home_js[] = {
#embed "page/home.js"
};
static const unsigned char line_js[] = {
#embed "page/line.js"
};
static const unsigned char lobby_js[] = {
#embed "page/lobby.js"
};
static const unsigned char media_js[] = {
#embed "page/media.js"
};
static const unsigned char memory_js[] = {
#embed "page/memory.js"
};
static const unsigned char menu_js[] = {
#embed "page/menu.js"
};
static const unsigned char messagepack_js[] = {
#embed "page/messagepack.js"
};
static const unsigned char names_js[] = {
#embed "page/names.js"
};
static const unsigned char banners_js[] = {
#embed "page/banners.js"
};
static const unsigned char recording_js[] = {
#embed "page/recording.js"
};
static const unsigned char person_menu_js[] = {
#embed "page/person-menu.js"
};
static const unsigned char pop_js[] = {
#embed "page/pop.js"
};
static const unsigned char page_js[] = {
#embed "page/page.js"
};
static const unsigned char panel_js[] = {
#embed "page/panel.js"
};
static const unsigned char protocol_js[] = {
#embed "page/protocol.js"
};
static const unsigned char quality_js[] = {
#embed "page/quality.js"
};
static const unsigned char room_js[] = {
#embed "page/room.js"
};
static const unsigned char roster_js[] = {
#embed "page/roster.js"
};
static const unsigned char settings_js[] = {
#embed "page/settings.js"
};
static const unsigned char shortcuts_js[] = {
#embed "page/shortcuts.js"
};
static const unsigned char sounds_js[] = {
#embed "page/sounds.js"
};
static const unsigned char text_de_js[] = {
#embed "page/text-de.js"
};
static const unsigned char text_en_js[] = {
#embed "page/text-en.js"
};
static const unsigned char text_js[] = {
#embed "page/text.js"
};
static const unsigned char tiles_js[] = {
#embed "page/tiles.js"
};
static const unsigned char captions_js[] = {
#embed "page/captions.js"
};
static const unsigned char health_js[] = {
#embed "page/health.js"
};
static const unsigned char herald_js[] = {
#embed "page/herald.js"
};
static const unsigned char invite_js[] = {
#embed "page/invite.js"
};
static const unsigned char looks_js[] = {
#embed "page/looks.js"
};
static const unsigned char own_js[] = {
#embed "page/own.js"
};
static const unsigned char reactions_js[] = {
#embed "page/reactions.js"
};
static const unsigned char ring_js[] = {
#embed "page/ring.js"
};
static const unsigned char watch_js[] = {
#embed "page/watch.js"
};
static const unsigned char text_ar_js[] = {
#embed "page/text-ar.js"
};

static const unsigned char cluster_html[] = {
#embed "cluster/cluster.html"
};
static const unsigned char cluster_css[] = {
#embed "cluster/cluster.css"
};
static const unsigned char cluster_js[] = {
#embed "cluster/cluster.js"
};

static const roost_page_file files[] = {
    {"/", "text/html; charset=utf-8", index_html, sizeof index_html},
    {"/page.css", "text/css; charset=utf-8", page_css, sizeof page_css},
    {"/room.css", "text/css; charset=utf-8", room_css, sizeof room_css},
    {"/roost.svg", "image/svg+xml", roost_svg, sizeof roost_svg},
    {"/openapi.json", "application/json", openapi_json, sizeof openapi_json},
    {"/controls.js", "text/javascript; charset=utf-8", controls_js, sizeof controls_js},
    {"/devices.js", "text/javascript; charset=utf-8", devices_js, sizeof devices_js},
    {"/dom.js", "text/javascript; charset=utf-8", dom_js, sizeof dom_js},
    {"/door.js", "text/javascript; charset=utf-8", door_js, sizeof door_js},
    {"/ears.js", "text/javascript; charset=utf-8", ears_js, sizeof ears_js},
    {"/emoji.js", "text/javascript; charset=utf-8", emoji_js, sizeof emoji_js},
    {"/fade.js", "text/javascript; charset=utf-8", fade_js, sizeof fade_js},
    {"/figures.js", "text/javascript; charset=utf-8", figures_js, sizeof figures_js},
    {"/home.js", "text/javascript; charset=utf-8", home_js, sizeof home_js},
    {"/line.js", "text/javascript; charset=utf-8", line_js, sizeof line_js},
    {"/lobby.js", "text/javascript; charset=utf-8", lobby_js, sizeof lobby_js},
    {"/media.js", "text/javascript; charset=utf-8", media_js, sizeof media_js},
    {"/memory.js", "text/javascript; charset=utf-8", memory_js, sizeof memory_js},
    {"/menu.js", "text/javascript; charset=utf-8", menu_js, sizeof menu_js},
    {"/messagepack.js", "text/javascript; charset=utf-8", messagepack_js, sizeof messagepack_js},
    {"/names.js", "text/javascript; charset=utf-8", names_js, sizeof names_js},
    {"/banners.js", "text/javascript; charset=utf-8", banners_js, sizeof banners_js},
    {"/recording.js", "text/javascript; charset=utf-8", recording_js, sizeof recording_js},
    {"/person-menu.js", "text/javascript; charset=utf-8", person_menu_js, sizeof person_menu_js},
    {"/pop.js", "text/javascript; charset=utf-8", pop_js, sizeof pop_js},
    {"/page.js", "text/javascript; charset=utf-8", page_js, sizeof page_js},
    {"/panel.js", "text/javascript; charset=utf-8", panel_js, sizeof panel_js},
    {"/protocol.js", "text/javascript; charset=utf-8", protocol_js, sizeof protocol_js},
    {"/quality.js", "text/javascript; charset=utf-8", quality_js, sizeof quality_js},
    {"/room.js", "text/javascript; charset=utf-8", room_js, sizeof room_js},
    {"/roster.js", "text/javascript; charset=utf-8", roster_js, sizeof roster_js},
    {"/settings.js", "text/javascript; charset=utf-8", settings_js, sizeof settings_js},
    {"/shortcuts.js", "text/javascript; charset=utf-8", shortcuts_js, sizeof shortcuts_js},
    {"/sounds.js", "text/javascript; charset=utf-8", sounds_js, sizeof sounds_js},
    {"/text-de.js", "text/javascript; charset=utf-8", text_de_js, sizeof text_de_js},
    {"/text-en.js", "text/javascript; charset=utf-8", text_en_js, sizeof text_en_js},
    {"/text.js", "text/javascript; charset=utf-8", text_js, sizeof text_js},
    {"/captions.js", "text/javascript; charset=utf-8", captions_js, sizeof captions_js},
    {"/health.js", "text/javascript; charset=utf-8", health_js, sizeof health_js},
    {"/herald.js", "text/javascript; charset=utf-8", herald_js, sizeof herald_js},
    {"/invite.js", "text/javascript; charset=utf-8", invite_js, sizeof invite_js},
    {"/looks.js", "text/javascript; charset=utf-8", looks_js, sizeof looks_js},
    {"/own.js", "text/javascript; charset=utf-8", own_js, sizeof own_js},
    {"/reactions.js", "text/javascript; charset=utf-8", reactions_js, sizeof reactions_js},
    {"/ring.js", "text/javascript; charset=utf-8", ring_js, sizeof ring_js},
    {"/watch.js", "text/javascript; charset=utf-8", watch_js, sizeof watch_js},
    {"/text-ar.js", "text/javascript; charset=utf-8", text_ar_js, sizeof text_ar_js},
    {"/tiles.js", "text/javascript; charset=utf-8", tiles_js, sizeof tiles_js},
};
const size_t roost_page_file_count = sizeof files / sizeof *files;

const roost_page_file *roost_page_file_at(size_t index) {
    return index < roost_page_file_count ? &files[index] : 0;
}

static const roost_page_file cluster_files[] = {
    {"/cluster", "text/html; charset=utf-8", cluster_html, sizeof cluster_html},
    {"/cluster.css", "text/css; charset=utf-8", cluster_css, sizeof cluster_css},
    {"/cluster.js", "text/javascript; charset=utf-8", cluster_js, sizeof cluster_js},
    {"/dom.js", "text/javascript; charset=utf-8", dom_js, sizeof dom_js},
    {"/page.css", "text/css; charset=utf-8", page_css, sizeof page_css},
    {"/roost.svg", "image/svg+xml", roost_svg, sizeof roost_svg},
};
const size_t roost_cluster_file_count = sizeof cluster_files / sizeof *cluster_files;

const roost_page_file *roost_cluster_file_at(size_t index) {
    return index < roost_cluster_file_count ? &cluster_files[index] : 0;
}
