/// "did you mean …?", if anything in `candidates` is near `word`.
public func didYouMean(_ word: String, among candidates: [String]) -> [String] {
  nearest(to: word, among: candidates).map { ["did you mean '\($0)'?"] } ?? []
}

/// The candidate that `word` most likely stands for: one that it begins, or one at most a third of the letters
/// of the longer one away. The first of equals.
func nearest(to word: String, among candidates: [String]) -> String? {
  let word = word.lowercased()
  let letters = word.drop { $0 == "-" }
  if letters.count >= 2, let candidate = candidates.first(where: { $0.lowercased().hasPrefix(word) }) {
    return candidate
  }
  let scored = candidates.map { (name: $0, distance: editDistance(Array(word), Array($0.lowercased()))) }
  let best = scored.min { $0.distance < $1.distance }
  return best.flatMap { $0.distance <= max(1, max(word.count, $0.name.count) / 3) ? $0.name : nil }
}

/// The number of letters to insert, delete, replace or swap with their neighbour to get from one to the other.
func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
      row.append(cost)
    }
    (beforeLast, last) = (last, row)
  }
  return last[b.count]
}
