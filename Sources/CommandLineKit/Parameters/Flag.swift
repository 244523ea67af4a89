/// A switch given by name. `@Flag("--json", help: …) var json` is off until it is given; one that is on from the
/// start, `@Flag("--verify", help: …) var verify = true`, is turned off by `--no-verify`.
@propertyWrapper
public struct Flag: ParameterSource, Sendable {
  private let storage: ParameterStorage<Bool>
  private let fallback: Bool
  private let parameter: Parameter

  var parameters: [Parameter] { [parameter] }

  public var wrappedValue: Bool {
    get { storage.value ?? fallback }
    nonmutating set { storage.value = newValue }
  }

  /// What was given; nil where the flag was left out.
  public var projectedValue: Bool? { storage.value }

  public init(wrappedValue: Bool = false, _ names: String..., help: String) {
    let storage = ParameterStorage<Bool>(nil)
    self.storage = storage
    fallback = wrappedValue
    let given = ParameterStorage<[String]>([])
    parameter = Parameter(
      kind: .flag(onByDefault: wrappedValue), names: names, help: help,
      accept: { name in
        storage.value = names.contains(name)
        given.value = [name]
      }, given: given)
  }
}
