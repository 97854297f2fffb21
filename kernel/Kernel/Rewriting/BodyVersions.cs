using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;
using MethodBase = System.Reflection.MethodBase;

namespace RedLeafSharp.Rewriting;

/// <summary>
/// Two versions of each method: the one that its author wrote, and a copy for what is planted to make it go wrong. Which one runs is
/// decided where others call into the module's code, by a word that says whether anything is armed; from there on a version calls
/// methods of its own kind. So code in which nothing is armed has nothing in it. Full duplication of Arnold and Ryder, "A Framework
/// for Reducing the Cost of Instrumented Code", PLDI 2001, with checks at entries only: a loop that runs ends in the version that it
/// began in.
/// </summary>
/// <remarks>
/// A static constructor has no copy: what it calls is not armed, and nothing in it either until the image is bound. A constructor's copy
/// is another constructor, told apart by a last parameter that is always null.
/// </remarks>
internal sealed class BodyVersions
{
    /// <summary>No C# name can collide with it.</summary>
    internal const string CopySuffix = "<sites>";

    private readonly Dictionary<MethodDefinition, MethodDefinition> copyOf = [];
    private readonly HashSet<MethodDefinition> entries = [];

    private BodyVersions(IReadOnlyList<MethodDefinition> planted) => Planted = planted;

    /// <summary>Where faults are planted, in the order of the image: copies, and methods that have none.</summary>
    internal IReadOnlyList<MethodDefinition> Planted { get; }

    /// <summary>Each method that has a copy, with it.</summary>
    internal IEnumerable<KeyValuePair<MethodDefinition, MethodDefinition>> Pairs => copyOf;

    /// <summary>One version of each method, with faults in it, for images that are not run as domains.</summary>
    internal static BodyVersions None(ModuleDefinition module) => new(MethodsOf(module));

    /// <summary>Copies all methods.</summary>
    /// <param name="module">As it was read.</param>
    /// <param name="graph">Who may call whom in it.</param>
    /// <param name="marker">The type of the parameter by which copies of constructors are known.</param>
    internal static BodyVersions Make(ModuleDefinition module, CallGraph graph, TypeDefinition marker)
    {
        var planted = new List<MethodDefinition>();
        var versions = new BodyVersions(planted);
        foreach (MethodDefinition method in MethodsOf(module))
        {
            MethodDefinition? copy = versions.Copy(method, marker);
            planted.Add(copy ?? method);
            if (copy is not null && graph.IsCallback(method))
            {
                versions.entries.Add(method);
            }
        }

        return versions;
    }

    /// <summary>The name that its author gave a method.</summary>
    internal static string NameOf(MethodDefinition method) =>
        method.Name.EndsWith(CopySuffix, StringComparison.Ordinal) ? method.Name[..^CopySuffix.Length] : method.Name;

    /// <summary>Whether a method of a loaded image is the copy of another one.</summary>
    internal static bool IsCopy(MethodBase method) => method.Name.EndsWith(CopySuffix, StringComparison.Ordinal)
        || (method.IsConstructor && method.GetParameters() is [.., { ParameterType.Name: FaultHolder.Name }]);

    /// <summary>Whether others than the module's own code call it, so that it has the choice.</summary>
    internal bool IsEntry(MethodDefinition method) => entries.Contains(method);

    /// <summary>Has each copy call copies, and each entry choose; when everything is planted in the copies.</summary>
    /// <param name="isArmed">What is asked.</param>
    internal void Connect(MethodReference isArmed)
    {
        foreach ((MethodDefinition method, MethodDefinition copy) in copyOf)
        {
            CallCopies(copy.Body);
            if (entries.Contains(method))
            {
                PlantChoice(method, copy, isArmed);
            }
        }
    }

    private static List<MethodDefinition> MethodsOf(ModuleDefinition module) =>
        [.. module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody)];

    private MethodDefinition? Copy(MethodDefinition method, TypeDefinition marker)
    {
        if (method is { IsConstructor: true, IsStatic: true })
        {
            return null;
        }

        MethodDefinition copy = MethodCopy.Add(method, method.IsConstructor ? method.Name : method.Name + CopySuffix);
        if (method.IsConstructor)
        {
            copy.Parameters.Add(new ParameterDefinition(marker));
        }

        copyOf.Add(method, copy);
        return copy;
    }

    private void CallCopies(MethodBody body)
    {
        body.SimplifyMacros();
        for (int index = body.Instructions.Count - 1; index >= 0; index--)
        {
            Instruction instruction = body.Instructions[index];
            if (instruction.OpCode.Code is not (Code.Call or Code.Callvirt or Code.Newobj)
                || instruction.Operand is not MethodReference called || FindCopy(called) is not { } copy)
            {
                continue;
            }

            instruction.Operand = MemberReferences.InPlaceOf(called, copy);
            if (copy.IsConstructor)
            {
                CodeInsertion.Before(body, index, Instruction.Create(OpCodes.Ldnull));
            }
        }

        body.OptimizeMacros();
    }

    /// <summary>An entry decides for itself, and may be overridden.</summary>
    private MethodDefinition? FindCopy(MethodReference called)
    {
        // Resolving a reference to another module would read that module's file.
        bool isOurs = called is MethodDefinition || called.DeclaringType.GetElementType().Scope is ModuleDefinition;
        return isOurs && called.Resolve() is { } method && !entries.Contains(method) ? copyOf.GetValueOrDefault(method) : null;
    }

    /// <summary>Before everything else, and no branch's target: loops do not choose again.</summary>
    private static void PlantChoice(MethodDefinition method, MethodDefinition copy, MethodReference isArmed)
    {
        // Inlined, it would be in the way of the code that is not armed.
        copy.ImplAttributes = (copy.ImplAttributes | MethodImplAttributes.NoInlining) & ~MethodImplAttributes.AggressiveInlining;
        MethodBody body = method.Body;
        body.SimplifyMacros();
        var code = new List<Instruction>
        {
            Instruction.Create(OpCodes.Call, isArmed),
            Instruction.Create(OpCodes.Brfalse, body.Instructions[0]),
        };
        if (method.HasThis)
        {
            code.Add(Instruction.Create(OpCodes.Ldarg, body.ThisParameter));
        }

        code.AddRange(method.Parameters.Select(parameter => Instruction.Create(OpCodes.Ldarg, parameter)));
        code.Add(Instruction.Create(OpCodes.Call, MemberReferences.FromWithin(copy, method)));
        code.Add(Instruction.Create(OpCodes.Ret));
        for (int index = 0; index < code.Count; index++)
        {
            body.Instructions.Insert(index, code[index]);
        }

        body.OptimizeMacros();
    }
}
