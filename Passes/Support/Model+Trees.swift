import GraphAnalysis
import GraphIR

extension Model {
  /// The tree ensembles of all graphs.
  var treeEnsembles: [NodeID] { allNodes.filter { TreeEnsembleView.isEnsemble($0, in: self) } }
}

extension [Attribute] {
  /// The elements of all lists together.
  var listedElements: Int {
    reduce(0) { sum, attribute in
      switch attribute.value {
      case .ints(let list): sum + list.count
      case .floats(let list): sum + list.count
      case .strings(let list): sum + list.count
      case .tensor(let tensor): sum + tensor.tensor.elementCount
      default: sum
      }
    }
  }

  /// The same with `name` set to `value`.
  func setting(_ name: String, to value: AttributeValue) -> [Attribute] {
    guard let index = firstIndex(where: { $0.name == name }) else { return self + [Attribute(name, value)] }
    var copy = self
    copy[index].value = value
    return copy
  }
}
