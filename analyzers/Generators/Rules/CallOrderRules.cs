using Microsoft.CodeAnalysis;

namespace RedLeafSharp.Generators.Rules;

/// <summary>Checks the order of calls that a contract declares.</summary>
internal static class CallOrderRules
{
    internal static IEnumerable<Diagnostic> Check(INamedTypeSymbol contract)
    {
        string[] states = CallOrder.StatesOf(contract);
        IMethodSymbol[] methods = [.. contract.GetMembers().OfType<IMethodSymbol>().Where(m => m.MethodKind == MethodKind.Ordinary)];
        Diagnostic[] wrong = [.. CheckStates(contract, states), .. methods.SelectMany(method => CheckMethod(contract, method, states))];
        return wrong.Length > 0 ? wrong : CheckReach(contract, methods, states);
    }

    private static IEnumerable<Diagnostic> CheckStates(INamedTypeSymbol contract, string[] states)
    {
        if (CallOrder.TextsOf(contract, CallOrder.States) is null)
        {
            yield break;
        }

        if (states.Length is < 2 or > CallOrder.StatesMax)
        {
            yield return On(contract, contract.Name, $"has {states.Length} states", $"an order has 2 to {CallOrder.StatesMax}");
        }

        if (states.Any(string.IsNullOrWhiteSpace) || states.Distinct().Count() < states.Length)
        {
            yield return On(contract, contract.Name, "has a state without a name of its own", "give each state another name");
        }

        if (contract.AllInterfaces.FirstOrDefault(part => part.GetMembers().Length > 0) is { } part)
        {
            yield return On(
                contract, contract.Name, $"has states and extends {part.Name}", "declare its methods here, with the states they are legal in");
        }
    }

    private static IEnumerable<Diagnostic> CheckMethod(INamedTypeSymbol contract, IMethodSymbol method, string[] states)
    {
        string name = $"{contract.Name}.{method.Name}";
        string[]? legal = CallOrder.TextsOf(method, CallOrder.LegalIn);
        string[]? next = CallOrder.TextsOf(method, CallOrder.LeadsTo);
        if (CallOrder.TextsOf(contract, CallOrder.States) is null)
        {
            if (legal is not null || next is not null)
            {
                yield return On(method, name, "names states of a contract that has none", "write [States(...)] on the interface");
            }

            yield break;
        }

        if (legal is { Length: 0 })
        {
            yield return On(method, name, "may be called in no state", "name one in [LegalIn(...)], or remove it");
        }

        foreach (string unknown in (legal ?? []).Concat(next ?? []).Where(state => !states.Contains(state)))
        {
            yield return On(method, name, $"names '{unknown}', which is no state of {contract.Name}", $"it has {string.Join(", ", states)}");
        }
    }

    /// <summary>Follows the calls from the first state.</summary>
    private static IEnumerable<Diagnostic> CheckReach(INamedTypeSymbol contract, IMethodSymbol[] methods, string[] states)
    {
        var reached = new HashSet<string>(states.Take(1));
        int before = 0;
        while (before < reached.Count)
        {
            before = reached.Count;
            foreach (IMethodSymbol method in methods.Where(m => CallOrder.LegalStatesOf(m, states).Any(reached.Contains)))
            {
                if (CallOrder.NextStateOf(method) is { } next)
                {
                    reached.Add(next);
                }
            }
        }

        return states.Where(state => !reached.Contains(state))
            .Select(state => Diagnostic.Create(ContractDiagnostics.UnreachableState, contract.Locations[0], contract.Name, state));
    }

    private static Diagnostic On(ISymbol symbol, string name, string what, string instead) =>
        Diagnostic.Create(ContractDiagnostics.CallOrder, symbol.Locations[0], name, what, instead);
}
