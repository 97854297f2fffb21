using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;
using RedLeafSharp.Verification;
using Xunit;

namespace RedLeafSharp.Tests.Verification.Rules;

/// <summary>Offences that C# cannot say: images changed by hand after the compiler.</summary>
public sealed class ChangedImageTests
{
    private const string Source = """
        public class Base { public virtual void Run() { } public sealed override string ToString() => "base"; }
        public sealed class Derived : Base { public override void Run() { } int number; public int Get() => number; }
        public interface IThing { void Do(); }
        public class Thing : IThing { public void Do() { } }
        public class Bound<T> where T : IThing { }
        """;

    public static TheoryData<string, string> Names()
    {
        var data = new TheoryData<string, string>();
        foreach ((string name, (string rule, _)) in Changes)
        {
            data.Add(rule, name);
        }

        return data;
    }

    private static Dictionary<string, (string Rule, Action<ModuleDefinition> Change)> Changes { get; } = new()
    {
        ["calli"] = ("RL0003", module => Insert(module, il =>
        {
            il.Emit(OpCodes.Ldc_I4_0);
            il.Emit(OpCodes.Calli, new CallSite(module.TypeSystem.Void));
        })),
        ["cpblk"] = ("RL0003", module => Insert(module, il => il.Emit(OpCodes.Cpblk))),
        ["jmp"] = ("RL0003", module => Insert(module, il => il.Emit(OpCodes.Jmp, Method(module, "Derived", "Get")))),
        ["breakpoint"] = ("RL0402", module => Insert(module, il => il.Emit(OpCodes.Break))),
        ["token of a method"] = ("RL0010", module => Insert(module, il =>
        {
            il.Emit(OpCodes.Ldtoken, Method(module, "Derived", "Get"));
            il.Emit(OpCodes.Pop);
        })),
        ["finalizer by another name"] = ("RL0009", AddFinalizer),
        ["finalizer by name"] = ("RL0009", module => Add(module, "Derived", "Finalize", MethodAttributes.Family | MethodAttributes.Virtual)),
        ["method outside a type"] = ("RL0013", module => Add(module, "<Module>", "Global", MethodAttributes.Static)),
        ["runtime method"] = ("RL0005", module => Method(module, "Derived", "Get").ImplAttributes = MethodImplAttributes.Runtime),
        ["runtime async"] = ("RL0007", module => Method(module, "Derived", "Get").ImplAttributes = (MethodImplAttributes)0x2000),
        ["override of a sealed method"] = ("RL0404", module => Add(
            module, "Derived", "ToString", MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.HideBySig, returnsText: true)),
        ["override with less access"] = ("RL0404", module => Method(module, "Derived", "Run").IsPrivate = true),
        ["interface without implementation"] = ("RL0404", module => Type(module, "Thing").Methods.Remove(Method(module, "Thing", "Do"))),
        ["sealed base"] = ("RL0404", module => Type(module, "Thing").BaseType = Type(module, "Derived")),
        ["constraint violated"] = ("RL0404", module => Type(module, "Derived").BaseType =
            Type(module, "Bound`1").MakeGenericInstanceType(module.TypeSystem.String)),
        ["type that derives from itself"] = ("RL0402", module => Type(module, "Base").BaseType = Type(module, "Derived")),
        ["type within itself"] = ("RL0402", module => Type(module, "Thing").Fields.Add(new FieldDefinition(
            "inner", FieldAttributes.Public, MakeStruct(module)))),
        ["field with data of another type"] = ("RL0402", AddDataField),
        ["reference to a foreign assembly"] = ("RL0002", module => module.AssemblyReferences.Add(
            new AssemblyNameReference("Newtonsoft.Json", new Version(1, 0)))),
        ["native library"] = ("RL0005", module => module.ModuleReferences.Add(new ModuleReference("libc"))),
        ["forwarded type"] = ("RL0402", module => module.ExportedTypes.Add(
            new ExportedType("N", "T", module, module.AssemblyReferences[0]) { Attributes = (TypeAttributes)0x00200000 })),
        ["missing method"] = ("RL0402", module => Insert(module, il => il.Emit(
            OpCodes.Call, new MethodReference("NotThere", module.TypeSystem.Void, module.TypeSystem.String)))),
        ["missing type"] = ("RL0404", module => Insert(module, il =>
        {
            il.Emit(OpCodes.Ldnull);
            il.Emit(OpCodes.Isinst, new TypeReference("System", "NotThere", module, module.TypeSystem.CoreLibrary));
            il.Emit(OpCodes.Pop);
        })),
        ["class of the rewriter's"] = ("RL0409", module => module.Types.Add(
            new TypeDefinition("RedLeafSharp", "<Safepoints>", TypeAttributes.Class, module.TypeSystem.Object))),
        ["huge frame"] = ("RL0017", module =>
        {
            TypeDefinition large = MakeStruct(module);
            large.Fields.Clear();
            large.ClassSize = 20_000;
            large.PackingSize = 1;
            Method(module, "Derived", "Get").Body.Variables.Add(new VariableDefinition(large));
        }
        ),
        ["locals that are not cleared"] = ("RL0012", module =>
        {
            Method(module, "Derived", "Get").Body.Variables.Add(new VariableDefinition(module.TypeSystem.Int32));
            Method(module, "Derived", "Get").Body.InitLocals = false;
        }
        ),
        ["signature nested deeply"] = ("RL0402", module =>
        {
            TypeReference type = module.TypeSystem.Int32;
            for (int depth = 0; depth < 40; depth++)
            {
                type = new ArrayType(type);
            }

            Type(module, "Thing").Fields.Add(new FieldDefinition("deep", FieldAttributes.Public, type));
        }
        ),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Verify_ChangedImage_IsReportedUnderItsRule(string rule, string change)
    {
        VerificationReport report = VerifiedSource.VerifyChanged(Source, Changes[change].Change);

        Assert.True(report.Violations.Any(one => one.Rule == rule), $"{rule} is missing in:\n{VerifiedSource.Text(report)}");
    }

    [Fact]
    public void Verify_ReadyToRunImage_IsNotPlainIL() => Assert.Equal(
        "RL0406",
        Assert.Single(ImageVerifier.Verify(
            File.ReadAllBytes(typeof(Enumerable).Assembly.Location), null, "linq.dll", VerificationOptions.Delivered).Violations).Rule);

    [Fact]
    public void Verify_MixedModeFlags_AreNotPlainIL()
    {
        byte[] image = VerifiedSource.Compile(Source).Assembly;
        using var reader = new System.Reflection.PortableExecutable.PEReader(new MemoryStream(image));

        // ECMA-335 II.25.3.3: the flags are 16 bytes into the CLI header; bit 0 is ILONLY.
        image[reader.PEHeaders.CorHeaderStartOffset + 16] &= 0xFE;
        VerificationReport report = ImageVerifier.Verify(image, null, "mixed.dll", VerificationOptions.Delivered);
        Assert.Equal("RL0406", Assert.Single(report.Violations).Rule);
    }

    [Fact]
    public void Verify_WrittenAgainUnchanged_IsClean() =>
        Assert.Equal(string.Empty, VerifiedSource.Text(VerifiedSource.VerifyChanged(Source, _ => { })));

    private static TypeDefinition Type(ModuleDefinition module, string name) => module.GetType(name);

    private static MethodDefinition Method(ModuleDefinition module, string type, string name) =>
        Type(module, type).Methods.First(method => method.Name == name);

    private static void Insert(ModuleDefinition module, Action<ILProcessor> emit)
    {
        MethodDefinition method = Method(module, "Derived", "Run");
        method.Body.Instructions.Clear();
        ILProcessor il = method.Body.GetILProcessor();
        emit(il);
        il.Emit(OpCodes.Ret);
    }

    private static MethodDefinition Add(
        ModuleDefinition module, string type, string name, MethodAttributes attributes, bool returnsText = false)
    {
        var method = new MethodDefinition(name, attributes, returnsText ? module.TypeSystem.String : module.TypeSystem.Void);
        ILProcessor il = method.Body.GetILProcessor();
        if (returnsText)
        {
            il.Emit(OpCodes.Ldnull);
        }

        il.Emit(OpCodes.Ret);
        Type(module, type).Methods.Add(method);
        return method;
    }

    private static void AddFinalizer(ModuleDefinition module)
    {
        MethodDefinition method = Add(module, "Derived", "Harmless", MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.NewSlot);
        method.Overrides.Add(new MethodReference("Finalize", module.TypeSystem.Void, module.TypeSystem.Object) { HasThis = true });
    }

    private static TypeDefinition MakeStruct(ModuleDefinition module)
    {
        var made = new TypeDefinition(
            string.Empty,
            "Made",
            TypeAttributes.SequentialLayout | TypeAttributes.Sealed,
            new TypeReference("System", "ValueType", module, module.TypeSystem.CoreLibrary, valueType: false));
        made.Fields.Add(new FieldDefinition("self", FieldAttributes.Public, made));
        module.Types.Add(made);
        return made;
    }

    private static void AddDataField(ModuleDefinition module) => Type(module, "Thing").Fields.Add(
        new FieldDefinition("data", FieldAttributes.Static | FieldAttributes.HasFieldRVA | FieldAttributes.InitOnly, module.TypeSystem.Object)
        {
            InitialValue = new byte[16],
        });
}
