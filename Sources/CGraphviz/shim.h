#pragma once
#include <graphviz/cgraph.h>
#include <graphviz/gvc.h>

// After layout: lowers the resolution where a side of the bitmap would be longer than `limit` pixels.
static inline void wb_limit_bitmap(Agraph_t *graph, double limit) {
  const boxf box = GD_bb(graph);
  const double points = box.UR.x > box.UR.y ? box.UR.x : box.UR.y;
  const double resolution = GD_drawing(graph)->dpi > 0 ? GD_drawing(graph)->dpi : 96;
  if (points * resolution / 72 > limit) GD_drawing(graph)->dpi = limit * 72 / points;
}
