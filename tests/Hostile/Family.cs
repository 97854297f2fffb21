using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Tests.Hostile;

/// <summary>Makes the attacks of one class.</summary>
/// <param name="name">The class, as the page names it.</param>
/// <param name="wall">The wall that must stop them, unless one says otherwise.</param>
internal sealed class Family(string name, Wall wall)
{
    /// <summary>A program of C#.</summary>
    internal Attack Code(string attack, string tries, string by, string body, string members = "", string types = "") =>
        Source(attack, tries, by, Guest.Program(body, members, types));

    /// <summary>A whole file of C#.</summary>
    internal Attack Source(string attack, string tries, string by, string source, bool ignoresAccess = false,
        string? assembly = null) =>
        new(name, attack, tries, wall, by, () => Guest.Compile(source, assembly, ignoresAccess)) { Source = source };

    /// <summary>A program of C# whose IL is changed by hand afterwards.</summary>
    internal Attack Changed(string attack, string tries, string by, string source, Action<ModuleDefinition> change) =>
        new(name, attack, tries, wall, by, () => Change(Guest.Compile(source), change));

    /// <summary>A program whose Main is written in IL.</summary>
    /// <param name="attack">Its name.</param>
    /// <param name="tries">What it tries.</param>
    /// <param name="by">What may stop it.</param>
    /// <param name="write">Writes the body of Main; context is argument 1, services argument 2.</param>
    /// <param name="members">Members of the entry class, in C#.</param>
    /// <param name="types">Further types, in C#.</param>
    internal Attack Assembly(
        string attack, string tries, string by, Action<Pen> write, string members = "", string types = "") =>
        Changed(attack, tries, by, Guest.Program(string.Empty, members, types), module => WriteMain(module, write));

    /// <summary>A sound program whose file is changed byte by byte.</summary>
    internal Attack Bytes(string attack, string tries, string by, Func<byte[], byte[]> patch) =>
        new(name, attack, tries, wall, by, () => patch(Guest.Compile(Guest.Program(string.Empty))));

    /// <summary>A program whose Main consists of these bytes, whatever they mean.</summary>
    internal Attack Raw(string attack, string tries, string by, byte[] code) => new(name, attack, tries, wall, by, () =>
    {
        byte[] room = Change(Guest.Compile(Guest.Program(string.Empty)), module => WriteMain(module, pen =>
        {
            for (int i = 0; i < code.Length; i++)
            {
                pen.Il.Emit(OpCodes.Nop);
            }
        }));
        code.CopyTo(room, Image.CodeOffsetOf(room, Guest.Entry, "Main"));
        return room;
    });

    internal static byte[] Change(byte[] assembly, Action<ModuleDefinition> change)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(new MemoryStream(assembly));
        change(module);
        var changed = new MemoryStream();
        module.Write(changed);
        return changed.ToArray();
    }

    /// <summary>The Main of the entry class.</summary>
    internal static MethodDefinition MainOf(ModuleDefinition module) =>
        module.GetType(Guest.Entry).Methods.Single(one => one.Name == "Main");

    private static void WriteMain(ModuleDefinition module, Action<Pen> write)
    {
        MethodDefinition main = MainOf(module);
        GenericInstanceType reply = (GenericInstanceType)main.ReturnType;
        main.Body = new MethodBody(main) { InitLocals = true };
        var pen = new Pen(module, main, reply);
        write(pen);
    }
}

/// <summary>Writes IL that no compiler would.</summary>
internal sealed class Pen(ModuleDefinition module, MethodDefinition method, GenericInstanceType reply)
{
    internal ModuleDefinition Module => module;

    internal ILProcessor Il { get; } = method.Body.GetILProcessor();

    internal MethodBody Body => method.Body;

    internal MethodDefinition Method => method;

    internal TypeDefinition Entry => module.GetType(Guest.Entry);

    internal TypeReference Int => module.TypeSystem.Int32;

    internal TypeReference Object => module.TypeSystem.Object;

    internal TypeReference Text => module.TypeSystem.String;

    internal TypeReference Long => module.TypeSystem.Int64;

    internal TypeReference Type<T>() => module.ImportReference(typeof(T));

    internal TypeDefinition Own(string name) => module.GetType(name);

    internal FieldDefinition Field(string type, string name) => module.GetType(type).Fields.Single(one => one.Name == name);

    internal MethodDefinition Call(string type, string name) => module.GetType(type).Methods.Single(one => one.Name == name);

    internal MethodReference Method_(Type type, string name, params Type[] parameters) => module.ImportReference(
        name == ".ctor" ? type.GetConstructor(parameters)! : (System.Reflection.MethodBase)type.GetMethod(name, parameters)!);

    internal VariableDefinition Local(TypeReference type)
    {
        var local = new VariableDefinition(type);
        method.Body.Variables.Add(local);
        return local;
    }

    /// <summary>Returns from Main with an exit status, as the compiler would.</summary>
    internal void Exit(int status = 0)
    {
        Il.Emit(OpCodes.Ldc_I4, status);
        Leave();
    }

    /// <summary>Returns from Main with the exit status that is on the stack.</summary>
    internal void Leave()
    {
        var ok = new MethodReference("Ok", reply, reply)
        {
            HasThis = false,
        };
        ok.Parameters.Add(new ParameterDefinition(reply.ElementType.GenericParameters[0]));
        ok.ReturnType = new GenericInstanceType(reply.ElementType)
        {
            GenericArguments = { reply.ElementType.GenericParameters[0], reply.ElementType.GenericParameters[1] },
        };
        Il.Emit(OpCodes.Call, ok);
        Il.Emit(OpCodes.Ret);
    }
}
