using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata.Ecma335;
using Mono.Cecil;
using RedLeafSharp.Contracts;

namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>Files that lie about themselves.</summary>
internal static class Metadata
{
    private const string Malformed = "RL0402/RL0406/loader";

    private static readonly Family Files = new("malformed files and metadata", Wall.Verifier);
    private static readonly Family Names = new("false names and references", Wall.Verifier);

    internal static readonly Attack[] All =
    [
        Files.Bytes("empty file", "to have nothing parsed", Malformed, _ => []),
        Files.Bytes("half a file", "to have the parser read past the end", Malformed, image => image[..(image.Length / 2)]),
        Files.Bytes("only a DOS header", "to have the parser read past the end", Malformed, _ => [0x4d, 0x5a]),
        Files.Bytes("ELF file", "to be taken by another loader", Malformed, _ => [0x7f, 0x45, 0x4c, 0x46, .. new byte[4096]]),
        Files.Bytes("header offset far away", "to have the parser read anywhere", Malformed, image => Image.With(image, 0x3c,
            0xff, 0xff, 0xff, 0x7f)),
        Files.Bytes("metadata of no size", "to have the parser divide or loop", Malformed, image =>
            Image.With(image, Image.CliHeaderOffset(image) + 12, 0, 0, 0, 0)),
        Files.Bytes("metadata beyond the file", "to have the parser read past the end", Malformed, image =>
            Image.With(image, Image.CliHeaderOffset(image) + 8, 0xff, 0xff, 0xff, 0x7f)),
        Files.Bytes("wrong signature of the metadata", "to be read by another's rules", Malformed, image =>
            Image.With(image, Image.MetadataOffset(image), 0, 0, 0, 0)),
        Files.Bytes("version text without an end", "to have the parser read on", Malformed, image =>
            Image.With(image, Image.MetadataOffset(image) + 12, 0xff, 0xff, 0xff, 0x7f)),
        Files.Bytes("count of streams too large", "to have the parser read on", Malformed, image =>
            Image.With(image, Image.MetadataOffset(image) + 16 + image[Image.MetadataOffset(image) + 12] + 2, 0xff, 0x7f)),
        Files.Bytes("rows that are not there", "to have tables read past the end", Malformed, image =>
            Image.With(image, Image.TableStream(image).Start + 24, 0xff, 0xff, 0xff, 0x7f)),
        Files.Bytes("tables that nobody knows", "to shift all tables behind them", Malformed, image =>
            Image.With(image, Image.TableStream(image).Start + 15, 0xff)),
        Files.Bytes("heap sizes that do not fit", "to shift all columns", Malformed, image =>
            Image.With(image, Image.TableStream(image).Start + 6, 0x07)),
        Files.Bytes("method body outside of the file", "to have other memory run as IL", Malformed + "/RL0401", image =>
            Image.With(image, Image.Table(image, TableIndex.MethodDef).Start, 0xff, 0xff, 0xff, 0x7f)),
        Files.Bytes("method body in the metadata", "to have names run as IL", Malformed + "/RL0401", image =>
            Image.With(image, Image.Table(image, TableIndex.MethodDef).Start, Rva(image))),
        Files.Bytes("type with its methods beyond the table", "to own another type's methods", Malformed + "/RL0401/RL0404/RL0016",
            image =>
        {
            (int start, int rowBytes, int count) = Image.Table(image, TableIndex.TypeDef);
            return Image.With(image, start + (rowBytes * (count - 1)) + rowBytes - 2, 0xff, 0x7f);
        }),
        Files.Bytes("method that belongs to no signature", "to be called with anything", Malformed + "/RL0401", image =>
        {
            (int start, int rowBytes, _) = Image.Table(image, TableIndex.MethodDef);
            return Image.With(image, start + rowBytes - 4, 0xff, 0x7f);
        }),
        Files.Bytes("ReadyToRun header", "to have native code in its file run", "RL0406/RL0402/loader", image =>
            Image.With(image, Image.CliHeaderOffset(image) + 64, 0x00, 0x20, 0, 0, 0x80, 0, 0, 0)),
        Files.Bytes("native entry point", "to start with machine code", "RL0406/RL0402/loader", image =>
            Image.With(image, Image.CliHeaderOffset(image) + 16, 0x11, 0, 0, 0, 0, 0x20, 0, 0)),
        Files.Bytes("table of native fixups", "to have native code called back", "RL0406/RL0402/loader", image =>
            Image.With(image, Image.CliHeaderOffset(image) + 48, 0x00, 0x20, 0, 0, 0x40, 0, 0, 0)),
        Files.Changed("static in the file's data", "to write into the mapped file", "RL0006/RL0011/RL0402", Guest.Program("",
            "static int number = 1;"), module =>
        {
            FieldDefinition field = module.GetType("A").Fields.Single(one => one.IsStatic);
            field.InitialValue = [1, 2, 3, 4];
            field.Attributes |= Mono.Cecil.FieldAttributes.HasFieldRVA;
        }),
        Files.Changed("exchange reference in the file's data", "to load a forged reference from its own file",
            "RL0108/RL0402/RL0011/RL0006",
            Guest.Program("", "static readonly RRef<int> forged;"), module =>
            {
                FieldDefinition field = module.GetType("A").Fields.Single(one => one.IsStatic);
                field.InitialValue = [0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0];
                field.Attributes |= Mono.Cecil.FieldAttributes.HasFieldRVA;
            }),
        Files.Changed("two types of one name", "to be judged as one and run as the other", "RL0402/loader",
            Guest.Program("", types: "public class P { }"), module => module.GetType("P").Name = "A"),
        Files.Changed("type nested in itself", "to send the loader round in a circle", "RL0402/loader",
            Guest.Program("", types: "public class P { public class Q { } }"), module => Nest(module)),
        new("malformed files and metadata", "assembly of Reflection.Emit", "to come from another writer than the compiler's",
            Wall.Verifier, "RL0401", EmitWrongFieldStore),
        new("malformed files and metadata", "unbalanced method of Reflection.Emit", "to leave values on the stack",
            Wall.Verifier, "RL0401/RL0402", EmitUnbalanced),

        Names.Source("name of the core library", "to have its own String taken for the runtime's", "RL0014/RL0402/RL0403/loader",
            Guest.Program(""), assembly: "System.Private.CoreLib"),
        Names.Source("name of the contracts", "to be taken for the contracts by the next domain", "RL0014/RL0402/RL0403/loader",
            Guest.Program(""), assembly: "RedLeafSharp.Contracts"),
        Names.Source("name of the kernel", "to be a friend of the trusted code", "RL0014/RL0402/RL0403/loader", Guest.Program(""),
            assembly: "RedLeafSharp.Kernel"),
        Names.Source("name of the machine", "to be a friend of the trusted code", "RL0014/RL0402/RL0403/loader",
            Guest.Program(""),
            assembly: "RedLeafSharp.Machine"),
        Names.Source("name of the tests", "to be a friend of the trusted code", "RL0014/RL0402/RL0403/loader", Guest.Program(""),
            assembly: "RedLeafSharp.Tests"),
        Names.Source("own type in a framework namespace", "to be let through by the name of its type",
            "RL0001/RL0002/RL0003/RL0402",
            Guest.Program("System.Buffers.Text.Own.M();",
                types: "namespace System.Buffers.Text { public static class Own { public static unsafe void M() { "
                + "*(int*)0x10000 = 1; } } }")),
        Names.Source("own type in the kernel's namespace", "to be let through by the name of its type", "RL0003/RL0402",
            Guest.Program("RedLeafSharp.Own.M();",
                types: "namespace RedLeafSharp { public static class Own { public static unsafe void M() { *(int*)0x10000 = "
                + "1; } } }")),
        Names.Changed("reference to the kernel", "to call the kernel", "loader/RL0402/RL0001/RL0002", Guest.Program(""), module =>
            Touch(module, "RedLeafSharp.Kernel", "RedLeafSharp.Kernel", "RedLeafSystem")),
        Names.Changed("reference to another domain", "to share another domain's types", "loader/RL0402/RL0001/RL0002",
            Guest.Program(""), module =>
            Touch(module, "RedLeafSharp.Drivers.Nvme", "RedLeafSharp.Drivers.Nvme", "NvmeDomain")),
        Names.Changed("reference to a library of the kernel", "to use what the kernel uses", "loader/RL0402/RL0001/RL0002",
            Guest.Program(""), module =>
            Touch(module, "Serilog", "Serilog", "Log")),
        Names.Changed("reference with a path", "to have a file of the host loaded", "loader/RL0402/RL0001/RL0002",
            Guest.Program(""), module =>
            Touch(module, "../../tmp/evil", "X", "Y")),
        Names.Changed("reference to a framework assembly that is none", "to be let through by the start of its name",
            "loader/RL0402/RL0001/RL0002", Guest.Program(""), module =>
            Touch(module, "System.Evil", "X", "Y")),
        Names.Changed("type forwarded to the kernel", "to have its type looked up in the kernel", "RL0402/loader/RL0001/RL0002",
            Guest.Program(""), module =>
        {
            var kernel = new AssemblyNameReference("RedLeafSharp.Kernel", new Version(1, 0, 0, 0));
            module.AssemblyReferences.Add(kernel);
            module.ExportedTypes.Add(new ExportedType("RedLeafSharp.Kernel", "RedLeafSystem", module, kernel)
            {
                Attributes = Mono.Cecil.TypeAttributes.Public, IsForwarder = true,
            });
        }),
        Names.Changed("reference to a module beside it", "to have another file loaded unverified",
            "RL0402/RL0005/loader/RL0001/RL0002", Guest.Program(""), module =>
        {
            var other = new ModuleReference("other.netmodule");
            module.ModuleReferences.Add(other);
            var type = new TypeReference("X", "Y", module, other);
            Family.MainOf(module).Body.Variables.Add(new Mono.Cecil.Cil.VariableDefinition(type));
        }),
    ];

    private static byte[] Rva(byte[] image)
    {
        byte[] root = image[(Image.CliHeaderOffset(image) + 8)..];
        return root[..4];
    }

    private static void Nest(ModuleDefinition module)
    {
        TypeDefinition outer = module.GetType("P");
        TypeDefinition inner = outer.NestedTypes[0];
        inner.BaseType = outer;
        outer.BaseType = inner;
    }

    private static void Touch(ModuleDefinition module, string assembly, string space, string name)
    {
        var reference = new AssemblyNameReference(assembly, new Version(1, 0, 0, 0));
        module.AssemblyReferences.Add(reference);
        Mono.Cecil.Cil.MethodBody body = Family.MainOf(module).Body;
        body.InitLocals = true;
        body.Variables.Add(new Mono.Cecil.Cil.VariableDefinition(new TypeReference(space, name, module, reference)));
    }

    private static byte[] EmitWrongFieldStore() => EmitProgram(il =>
    {
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I8, 0x10000L);
        il.Emit(OpCodes.Stfld, typeof(ValueTuple<object>).GetField("Item1")!);
    });

    private static byte[] EmitUnbalanced() => EmitProgram(il =>
    {
        System.Reflection.Emit.Label join = il.DefineLabel();
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Brtrue, join);
        il.Emit(OpCodes.Ldstr, "left behind");
        il.MarkLabel(join);
    });

    private static byte[] EmitProgram(Action<ILGenerator> write)
    {
        var builder = new PersistedAssemblyBuilder(new AssemblyName("Emitted"), typeof(object).Assembly);
        TypeBuilder type = builder.DefineDynamicModule("Emitted").DefineType(
            Guest.Entry, System.Reflection.TypeAttributes.Public | System.Reflection.TypeAttributes.Sealed, typeof(object),
                [typeof(IProgram)]);
        Type reply = typeof(Reply<int, ProgramError>);
        MethodBuilder main = type.DefineMethod(
            "Main",
            System.Reflection.MethodAttributes.Public | System.Reflection.MethodAttributes.Virtual | System.Reflection.MethodAttributes.Final,
            reply,
            [typeof(CallContext), typeof(ProgramServices)]);
        ILGenerator il = main.GetILGenerator();
        write(il);
        il.Emit(OpCodes.Ldc_I4_0);
        il.Emit(OpCodes.Call, reply.GetMethod("Ok")!);
        il.Emit(OpCodes.Ret);
        type.DefineDefaultConstructor(System.Reflection.MethodAttributes.Public);
        type.CreateType();
        var file = new MemoryStream();
        builder.Save(file);
        return file.ToArray();
    }
}
