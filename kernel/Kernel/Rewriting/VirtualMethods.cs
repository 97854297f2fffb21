using Mono.Cecil;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// The methods of one module that a virtual call may reach, by name and number of parameters: coarser than the class hierarchy, so
/// that nothing has to be resolved.
/// </summary>
/// <remarks>
/// An override may have another name than what it overrides (MethodImpl, ECMA-335 II.22.27), and may be overridden under its own: a call
/// of the first name reaches the last method, which says nothing of it. So names that any method joins count as one.
/// </remarks>
internal sealed class VirtualMethods
{
    private readonly Dictionary<(string Name, int ParameterCount), (string Name, int ParameterCount)> joined = [];
    private readonly Dictionary<(string Name, int ParameterCount), List<int>> nodes = [];

    /// <param name="methods">Each with its node in the call graph.</param>
    internal VirtualMethods(IReadOnlyList<(MethodDefinition Method, int Node)> methods)
    {
        foreach ((MethodDefinition method, _) in methods)
        {
            foreach (MethodReference overridden in method.Overrides)
            {
                joined[RootOf(KeyOf(overridden.Name, method))] = RootOf(KeyOf(method.Name, method));
            }
        }

        foreach ((MethodDefinition method, int node) in methods)
        {
            (string, int) root = RootOf(KeyOf(method.Name, method));
            if (!nodes.TryGetValue(root, out List<int>? same))
            {
                nodes.Add(root, same = []);
            }

            same.Add(node);
        }
    }

    /// <summary>The nodes that a virtual call may reach.</summary>
    internal IReadOnlyList<int> ReachedBy(MethodReference called) => nodes.GetValueOrDefault(RootOf(KeyOf(called.Name, called)), []);

    /// <summary>Explicit implementations are named after their interface, too.</summary>
    private static (string Name, int ParameterCount) KeyOf(string name, MethodReference method) =>
        (name[(name.LastIndexOf('.') + 1)..], method.Parameters.Count);

    private (string Name, int ParameterCount) RootOf((string Name, int ParameterCount) key)
    {
        (string Name, int ParameterCount) root = key;
        while (joined.TryGetValue(root, out (string Name, int ParameterCount) above) && above != root)
        {
            root = above;
        }

        // Every key on the way is one step from its root the next time: an image may join two hundred thousand names in a row.
        while (key != root)
        {
            (key, joined[key]) = (joined[key], root);
        }

        return root;
    }
}
