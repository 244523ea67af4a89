import GraphIR
import TensorCore

/// What a node does to each column of a table [N, columns] of float32 with constants of its own: `Scaler`, or an
/// `Add`, `Sub`, `Mul` or `Div` whose constant is one number for each column or for all.
struct ColumnScaling {
  enum Operation {
    /// (x − a) · b
    case standardize
    case add, subtract, multiply, divide
  }

  let source: ValueID
  let operation: Operation
  /// The columns of the table, where they are known.
  let width: Int?
  private let first: [Float]
  private let second: [Float]

  /// - Parameter value: what the node gives.
  init?(giving value: ValueID, in model: Model) {
    guard let node = model.producer(of: value) else { return nil }
    let op = model.operatorName(of: node)
    if op == OperatorName("Scaler", domain: "ai.onnx.ml") {
      self.init(scaler: node, in: model)
    } else if let operation = Self.arithmetic[op.name], op.domain.isEmpty {
      self.init(arithmetic: node, operation, in: model)
    } else {
      return nil
    }
  }

  private static let arithmetic: [String: Operation] = [
    "Add": .add, "Sub": .subtract, "Mul": .multiply, "Div": .divide,
  ]

  private init?(scaler node: NodeID, in model: Model) {
    guard let offset = model.attribute("offset", of: node)?.floats,
      let scale = model.attribute("scale", of: node)?.floats, offset.count == scale.count
    else { return nil }
    self.init(.standardize, of: model.input(0, of: node), first: offset, second: scale, in: model)
  }

  private init?(arithmetic node: NodeID, _ operation: Operation, in model: Model) {
    guard (model.opset("", in: model.graph(of: node)) ?? 0) >= 7, let left = model.input(0, of: node),
      let right = model.input(1, of: node)
    else { return nil }
    let isSwapped = model.constant(left) != nil && (operation == .add || operation == .multiply)
    guard let constant = model.constant(isSwapped ? left : right), constant.elementType == .float32,
      constant.rank <= 2, constant.dimensions.dropLast().allSatisfy({ $0 == 1 }),
      let numbers = try? constant.elements(as: Float.self)
    else { return nil }
    self.init(operation, of: isSwapped ? right : left, first: numbers, second: [], in: model)
  }

  private init?(
    _ operation: Operation, of source: ValueID?, first: [Float], second: [Float], in model: Model
  ) {
    guard let source, case .tensor(let type)? = model.type(of: source), type.elementType == .float32,
      let shape = type.shape, shape.rank == 2, !first.isEmpty
    else { return nil }
    width = shape[1].fixedSize
    guard first.count == 1 || first.count == width else { return nil }
    self.source = source
    self.operation = operation
    self.first = first
    self.second = second
  }

  /// How many columns are treated apart: 1 where all are treated alike.
  var listCount: Int { max(first.count, second.count) }

  private func operands(_ column: Int) -> (first: Float, second: Float)? {
    guard column >= 0, width.map({ column < $0 }) ?? true else { return nil }
    let first = first.count == 1 ? first[0] : first[column]
    guard !second.isEmpty else { return (first: first, second: 1) }
    return (first: first, second: second.count == 1 ? second[0] : second[column])
  }

  /// What the column becomes, rounded as a runtime rounds it; nil for columns that there are none of.
  func function(ofColumn column: Int) -> ((Float) -> Float)? {
    guard let (first, second) = operands(column) else { return nil }
    switch operation {
    case .standardize: return { ($0 - first) * second }
    case .add: return { $0 + first }
    case .subtract: return { $0 - first }
    case .multiply: return { $0 * first }
    case .divide: return { $0 / first }
    }
  }

  /// Whether what the column becomes grows with it, and is NaN for NaN only.
  func isIncreasing(inColumn column: Int) -> Bool {
    guard let (first, second) = operands(column), first.isFinite, second.isFinite else { return false }
    switch operation {
    case .standardize: return second > 0
    case .add, .subtract: return true
    case .multiply, .divide: return first > 0
    }
  }

  /// The column becomes factor · x + shift in real numbers; nil where that is not finite.
  func line(ofColumn column: Int) -> (factor: Double, shift: Double)? {
    guard let operands = operands(column) else { return nil }
    let (first, second) = (Double(operands.first), Double(operands.second))
    let line: (factor: Double, shift: Double)
    switch operation {
    case .standardize: line = (factor: second, shift: -first * second)
    case .add: line = (factor: 1, shift: first)
    case .subtract: line = (factor: 1, shift: -first)
    case .multiply: line = (factor: first, shift: 0)
    case .divide: line = (factor: 1 / first, shift: 0)
    }
    return line.factor.isFinite && line.shift.isFinite ? line : nil
  }

  /// The lines of all `columns`, where taking them out of the sum that reads them loses few digits: data that was
  /// scaled lies around 1, so that a shift far from it comes of numbers that cancel.
  func gentleLines(columns: Int) -> [(factor: Double, shift: Double)]? {
    guard width == columns else { return nil }
    let lines = (0..<columns).compactMap { line(ofColumn: $0) }
    guard lines.count == columns, lines.allSatisfy({ abs($0.shift) <= Self.largestShift }) else { return nil }
    return lines
  }

  /// Five of 24 binary digits.
  private static let largestShift = 32.0
}
