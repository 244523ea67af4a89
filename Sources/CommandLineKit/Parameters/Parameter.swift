import Synchronization

/// What parser and help know of a declared parameter.
struct Parameter: Sendable {
  enum Kind: Sendable {
    /// Given by name alone. One that is on by default can be turned off by its name with `no-`.
    case flag(onByDefault: Bool)
    /// Given by name, followed by a value.
    case option(Count)
    /// Given by its place.
    case positional(Count)
  }

  enum Count: Sendable {
    case required
    case optional
    /// Any number; the separator parts those given at once.
    case list(separator: Character?)
  }

  var kind: Kind
  /// Long and short names in the order declared; none for a positional one.
  var names: [String]
  var help: String
  var placeholder = ""
  var allowedValues: [String]?
  var defaultText: String?
  /// The heading in help; `nil` is the command's own.
  var section: String?
  /// Takes what was typed; for a flag, its name. Throws a `RejectedArgument`.
  let accept: @Sendable (String) throws -> Void
  /// What was accepted, as one would type it in any folder; for a flag, its name.
  let given: ParameterStorage<[String]>

  /// What one would type to give the same.
  var givenArguments: [String] {
    (given.value ?? []).flatMap { value in
      if case .option = kind { [displayName, value] } else { [value] }
    }
  }

  var isRequired: Bool {
    switch kind {
    case .option(.required), .positional(.required): true
    default: false
    }
  }

  /// What errors call it.
  var displayName: String { names.first ?? placeholder }

  /// The name that turns the flag off, if there is one.
  var negativeName: String? {
    guard case .flag(onByDefault: true) = kind, let name = names.first(where: { $0.hasPrefix("--") }) else {
      return nil
    }
    return "--no-" + name.dropFirst(2)
  }
}

/// A property wrapper that stands for parameters.
protocol ParameterSource {
  var parameters: [Parameter] { get }
}

/// Where a wrapper keeps its value. A reference, so that the parser can fill in a command that it only sees
/// through a mirror.
final class ParameterStorage<Value: Sendable>: Sendable {
  private let state: Mutex<Value?>

  init(_ value: Value?) { state = Mutex(value) }

  var value: Value? {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }

  func update(_ change: (inout Value?) -> Void) { state.withLock { change(&$0) } }
}
