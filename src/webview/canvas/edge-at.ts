/** The edge under the pointer while something is dragged that can be put on one. */

/** CSS pixels around the pointer in which an edge is hit. */
const REACH = 10;

/** The edge at a point of the page: lines are thin, so some points around it are tried too. */
export function edgeAt(x: number, y: number): SVGElement | null {
  for (const dy of [0, -REACH, REACH]) {
    for (const element of document.elementsFromPoint(x, y + dy)) {
      const edge = element.closest<SVGElement>('.react-flow__edge');
      if (edge) return edge;
    }
  }
  return null;
}

export interface EdgeLamp {
  /** Shows that what is dragged would go on this edge; null: on none. */
  light(edge: SVGElement | null): void;
  /** The id of the edge that is lit. */
  lit(): string | undefined;
}

export function edgeLamp(): EdgeLamp {
  let lit: SVGElement | null = null;
  return {
    light(edge) {
      if (edge === lit) return;
      lit?.classList.remove('dropping');
      edge?.classList.add('dropping');
      lit = edge;
    },
    lit: () => lit?.dataset.id,
  };
}
