using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// Who may call whom in one module, by class hierarchy analysis made coarser: a virtual call may reach every virtual method
/// with that name and number of parameters.
/// </summary>
/// <remarks>
/// One node stands for all code outside the module. It may call back whatever it can reach: every virtual method and every
/// method that a delegate was made of. Edges are kept as often as there are calls, for <see cref="PlantingPlan"/> adds up
/// costs along them.
/// </remarks>
internal sealed class CallGraph
{
    private readonly Dictionary<MethodDefinition, int> indexOf = [];
    private readonly Dictionary<(string Name, int ParameterCount), List<int>> virtuals = [];
    private readonly List<int>[] callees;
    private readonly HashSet<int> callbacks = [];
    private readonly HashSet<int> contractCallers = [];

    internal CallGraph(ModuleDefinition module)
    {
        Methods = [.. module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody)];
        foreach (MethodDefinition method in Methods)
        {
            indexOf.Add(method, indexOf.Count);
        }

        callees = [.. Enumerable.Range(0, Methods.Count + 1).Select(_ => new List<int>())];
        foreach (MethodDefinition method in Methods.Where(method => method.IsVirtual || MayImplementStatic(method)))
        {
            AddVirtual(method);
        }

        foreach (MethodDefinition method in Methods)
        {
            foreach (Instruction instruction in method.Body.Instructions)
            {
                AddCalls(indexOf[method], instruction);
            }
        }

        callees[Outside].AddRange(callbacks);
    }

    internal IReadOnlyList<MethodDefinition> Methods { get; }

    /// <summary>The node of all code that is not in the module.</summary>
    internal int Outside => Methods.Count;

    /// <summary>The nodes that a node may call, once for each call.</summary>
    internal IReadOnlyList<int> CalleesOf(int node) => callees[node];

    /// <summary>Whether code outside may call it.</summary>
    internal bool IsCallback(int node) => callbacks.Contains(node);

    /// <summary>Whether it calls into another domain, or into the kernel on behalf of its own.</summary>
    internal bool CallsContract(int node) => contractCallers.Contains(node);

    private void AddVirtual(MethodDefinition method)
    {
        int node = indexOf[method];
        callbacks.Add(node);
        foreach (string name in method.Overrides.Select(overridden => overridden.Name).Append(method.Name).Select(SimpleName).Distinct())
        {
            var key = (name, method.Parameters.Count);
            if (!virtuals.TryGetValue(key, out List<int>? same))
            {
                virtuals.Add(key, same = []);
            }

            same.Add(node);
        }
    }

    /// <summary>
    /// Whether a static abstract method of an interface may be behind it, of the module or of the framework: what implements one is not
    /// marked as virtual.
    /// </summary>
    private static bool MayImplementStatic(MethodDefinition method) =>
        method.IsStatic && method.DeclaringType.HasInterfaces && (method.IsPublic || method.HasOverrides);

    /// <summary>Explicit implementations are named after their interface, too.</summary>
    private static string SimpleName(string name) => name[(name.LastIndexOf('.') + 1)..];

    private void AddCalls(int caller, Instruction instruction)
    {
        switch (instruction.OpCode.Code)
        {
            case Code.Calli:
                callees[caller].Add(Outside);
                break;
            case Code.Call or Code.Callvirt or Code.Newobj or Code.Jmp when instruction.Operand is MethodReference called:
                bool isConstrained = instruction.Previous?.OpCode.Code == Code.Constrained;
                AddCall(caller, called, isVirtual: instruction.OpCode.Code == Code.Callvirt || isConstrained);
                break;
            case Code.Ldftn or Code.Ldvirtftn or Code.Ldtoken when instruction.Operand is MethodReference taken:
                if (FindNode(taken) is int target)
                {
                    callbacks.Add(target);
                }

                break;
        }
    }

    private void AddCall(int caller, MethodReference called, bool isVirtual)
    {
        int? direct = FindNode(called);
        if (direct is int callee)
        {
            callees[caller].Add(callee);
        }
        else if (OutsideCalls.MayCallBack(called))
        {
            callees[caller].Add(Outside);
        }

        if (isVirtual && virtuals.TryGetValue((SimpleName(called.Name), called.Parameters.Count), out List<int>? candidates))
        {
            callees[caller].AddRange(candidates);
        }

        if (isVirtual && direct is null && OutsideCalls.IsContract(called))
        {
            contractCallers.Add(caller);
        }
    }

    private int? FindNode(MethodReference reference)
    {
        // Resolving a reference to another module would read that module's file.
        bool isOurs = reference is MethodDefinition || reference.DeclaringType.GetElementType().Scope is ModuleDefinition;
        return isOurs && reference.Resolve() is { } method && indexOf.TryGetValue(method, out int node) ? node : null;
    }
}
