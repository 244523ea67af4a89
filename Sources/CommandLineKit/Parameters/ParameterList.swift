/// The parameters of a command, found in the order of their declaration, then those that every command takes.
struct ParameterList: Sendable {
  static let generalHeading = "general"

  let parameters: [Parameter]
  private let groups: [any ParameterGroup]

  init(_ command: some ParameterGroup, _ general: some ParameterGroup) {
    let own = Self.parameters(of: command)
    let shared = Self.parameters(of: general).map { parameter in
      var parameter = parameter
      parameter.section = Self.generalHeading
      return parameter
    }
    parameters = own + shared
    groups = Self.groups(of: command)
    precondition(clashingName == nil, "two parameters are called '\(clashingName ?? "")'")
  }

  /// Fills in the command's properties, then has it and its groups check them.
  func parse(_ arguments: [String]) throws {
    var parser = ArgumentParser(parameters)
    try parser.parse(arguments)
    for group in groups { try group.validate() }
  }

  static func parameters(of group: some ParameterGroup) -> [Parameter] {
    Mirror(reflecting: group).children.flatMap { ($0.value as? any ParameterSource)?.parameters ?? [] }
  }

  /// Inner groups first, so that the command can rely on what they checked.
  private static func groups(of group: some ParameterGroup) -> [any ParameterGroup] {
    let inner = Mirror(reflecting: group).children.compactMap {
      ($0.value as? any ParameterGroupSource)?.group
    }
    return inner.flatMap { groups(of: $0) } + [group]
  }

  private var clashingName: String? {
    var seen: Set<String> = []
    let names = parameters.flatMap { $0.names + ($0.negativeName.map { [$0] } ?? []) }
    return names.first { !seen.insert($0).inserted }
  }
}

/// A property wrapper that stands for a group.
protocol ParameterGroupSource {
  var group: any ParameterGroup { get }
}

extension OptionGroup: ParameterGroupSource {}
