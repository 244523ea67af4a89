/// Numbers that stand for classes, and the classes' places in ascending order.
public struct ClassNumbers: Hashable, Sendable {
  /// Ascending.
  public let numbers: [Int]
  /// For classes that lie close together: the place of each number from the least on, −1 for none.
  private let table: [Int]

  /// The distinct ones of these, without negative ones and without `ignored`.
  public init(occurringIn labels: [Int], ignoring ignored: Int? = nil) {
    var least = Int.max
    var largest = -1
    for label in labels where label >= 0 && label != ignored {
      if label < least { least = label }
      if label > largest { largest = label }
    }
    guard largest >= least, largest - least < 1 << 20 else {
      numbers = Set(labels.filter { $0 >= 0 && $0 != ignored }).sorted()
      table = []
      return
    }
    var occurs = [Bool](repeating: false, count: largest - least + 1)
    for label in labels where label >= 0 && label != ignored { occurs[label - least] = true }
    numbers = (least...largest).filter { occurs[$0 - least] }
    var next = -1
    table = occurs.map { isThere in
      guard isThere else { return -1 }
      next += 1
      return next
    }
  }

  /// The place of each value, −1 where it is none of the classes.
  public func places(of values: [Int]) -> [Int] {
    guard let least = numbers.first else { return [Int](repeating: -1, count: values.count) }
    return values.map { value in
      if table.isEmpty { return search(value) }
      let (offset, overflow) = value.subtractingReportingOverflow(least)
      return !overflow && offset >= 0 && offset < table.count ? table[offset] : -1
    }
  }

  private func search(_ value: Int) -> Int {
    var (low, high) = (0, numbers.count)
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low < numbers.count && numbers[low] == value ? low : -1
  }
}
