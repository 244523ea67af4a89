extension GraphPicture {
  /// Blocks inside blocks are looked for so often.
  private static let nestingLimit = 4

  /// The picture with blocks that repeat drawn once, in a scope that says how often they are there. Edges between
  /// repetitions become `.next`; those that not all repetitions have say which do.
  func drawingRepetitionsOnce() -> GraphPicture {
    var picture = self
    for _ in 0..<Self.nestingLimit {
      let repetitions = picture.repetitions()
      guard !repetitions.isEmpty else { break }
      var contraction = RepetitionContraction(picture, repetitions)
      picture = contraction.contract()
    }
    let hidden = nodes.count(where: \.isOperation) - picture.nodes.count(where: \.isOperation)
    if hidden > 0 {
      picture.subtitle += (subtitle.isEmpty ? "" : " · ") + "\(NumberText.grouped(hidden)) repeat others"
    }
    return picture
  }

  private func repetitions() -> [Repetition] {
    let incoming = EdgeRows(self)
    var places = SequencePlaces(self)
    return places.sequences.indices.flatMap { index -> [Repetition] in
      let sequence = places.sequences[index]
      guard sequence.count > RepetitionFinder.minimumSaving else { return [] }
      places.current = index
      var finder = RepetitionFinder(self, places: places, incoming: incoming)
      return finder.runs().map { run in
        Repetition(
          turns: (0..<run.count).map { turn in
            let start = run.start + turn * run.period
            return Array(sequence[start..<start + run.period])
          })
      }
    }
  }
}

/// A block and its repetitions: the nodes of each, in the same order.
struct Repetition {
  var turns: [[Int]]

  var count: Int { turns.count }
}
