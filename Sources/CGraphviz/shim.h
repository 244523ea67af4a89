#pragma once
#include <graphviz/cgraph.h>
#include <graphviz/gvc.h>

// `Agdesc_t` is a bit field, which Swift cannot pass by value.
static inline Agraph_t *wb_open_directed_graph(char *name) { return agopen(name, Agstrictdirected, 0); }
