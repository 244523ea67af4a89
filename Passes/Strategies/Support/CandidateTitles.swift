import Candidates
import GraphAnalysis
import GraphIR

/// Titles that are unique within one list of candidates.
struct CandidateTitles {
  private var taken: Set<String> = []

  mutating func unique(_ title: String) -> String {
    var unique = title
    var number = 2
    while !taken.insert(unique).inserted {
      unique = "\(title) #\(number)"
      number += 1
    }
    return unique
  }
}

extension Model {
  /// For people: the name of a node, or what stands in for one.
  func title(of node: NodeID) -> String { name(of: node).isEmpty ? label(of: node) : name(of: node) }

  /// For people: the first and the last of some nodes.
  func span(of nodes: [NodeID]) -> String {
    guard let first = nodes.first, let last = nodes.last else { return "" }
    return nodes.count == 1 ? title(of: last) : "\(title(of: first)) … \(title(of: last))"
  }
}

extension CostModel {
  /// What goes with these nodes.
  func saving(of nodes: [NodeID]) -> Saving {
    let macs = nodes.reduce(0) { sum, node in
      let (total, overflow) = sum.addingReportingOverflow(self[node].macs)
      return overflow ? .max : total
    }
    return Saving(
      nodes: nodes.count, parameters: parameters(onlyReadBy: nodes), bytes: weightBytes(onlyReadBy: nodes),
      macs: macs)
  }
}
