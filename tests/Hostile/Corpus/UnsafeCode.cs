using Mono.Cecil;
using Mono.Cecil.Cil;

namespace RedLeafSharp.Tests.Hostile.Corpus;

/// <summary>Pointers, stack memory, native code: what only an unsafe compiler or an assembler writes.</summary>
internal static class UnsafeCode
{
    private static readonly Family Pointers = new("pointers and stack memory", Wall.Verifier);
    private static readonly Family Native = new("native code", Wall.Verifier);

    internal static readonly Attack[] All =
    [
        Pointers.Code("pointer dereference", "to write anywhere", "RL0003", "unsafe { *(int*)0x10000 = 1; }"),
        Pointers.Code("fixed", "to walk behind an array", "RL0003",
            "unsafe { fixed (byte* p = new byte[1]) { p[1 << 20] = 1; } }"),
        Pointers.Code("function pointer", "to call any address", "RL0003",
            "unsafe { ((delegate*<void>)(void*)0x10000)(); }"),
        Pointers.Code("stackalloc in safe code", "to end the process by one large frame", "RL0004/RL0003",
            "Span<byte> s = stackalloc byte[1 << 26]; s[0] = 1;"),
        Pointers.Code("stackalloc in a loop", "to eat the kernel's reserve of stack", "RL0004/RL0003",
            "for (int i = 0; i < 1 << 20; i++) { Span<byte> s = stackalloc byte[4096]; s[0] = 1; }"),
        Pointers.Code("pointer field", "to keep an address", "RL0003", "", "unsafe int* field; unsafe int M() => *field;"),
        Pointers.Code("fixed buffer", "to index behind a struct", "RL0003/RL0017",
            "unsafe { var b = new B(); b.Bytes[1 << 20] = 1; }", types: "unsafe struct B { public fixed byte Bytes[8]; }"),
        Pointers.Assembly("ldind through an integer", "to read anywhere without a pointer type", "RL0401/RL0003", pen =>
        {
            pen.Il.Emit(OpCodes.Ldc_I4, 0x10000);
            pen.Il.Emit(OpCodes.Conv_I);
            pen.Il.Emit(OpCodes.Ldind_I4);
            pen.Leave();
        }),
        Pointers.Assembly("stind through an integer", "to write anywhere without a pointer type", "RL0401/RL0003", pen =>
        {
            pen.Il.Emit(OpCodes.Ldc_I4, 0x10000);
            pen.Il.Emit(OpCodes.Conv_I);
            pen.Il.Emit(OpCodes.Ldc_I4_1);
            pen.Il.Emit(OpCodes.Stind_I4);
            pen.Exit();
        }),
        Pointers.Assembly("cpblk", "to copy anything anywhere", "RL0003/RL0401", pen =>
        {
            VariableDefinition local = pen.Local(pen.Long);
            pen.Il.Emit(OpCodes.Ldloca, local);
            pen.Il.Emit(OpCodes.Ldloca, local);
            pen.Il.Emit(OpCodes.Ldc_I4, 1 << 20);
            pen.Il.Emit(OpCodes.Cpblk);
            pen.Exit();
        }),
        Pointers.Assembly("initblk", "to wipe the stack", "RL0003/RL0401", pen =>
        {
            VariableDefinition local = pen.Local(pen.Long);
            pen.Il.Emit(OpCodes.Ldloca, local);
            pen.Il.Emit(OpCodes.Ldc_I4_0);
            pen.Il.Emit(OpCodes.Ldc_I4, 1 << 20);
            pen.Il.Emit(OpCodes.Initblk);
            pen.Exit();
        }),
        Pointers.Assembly("arithmetic on a reference", "to step out of an array", "RL0401/RL0003", pen =>
        {
            VariableDefinition local = pen.Local(pen.Long);
            pen.Il.Emit(OpCodes.Ldloca, local);
            pen.Il.Emit(OpCodes.Ldc_I4, 4096);
            pen.Il.Emit(OpCodes.Add);
            pen.Il.Emit(OpCodes.Ldind_I4);
            pen.Leave();
        }),
        Pointers.Assembly("localloc", "to take stack that no frame counts", "RL0004/RL0003", pen =>
        {
            pen.Il.Emit(OpCodes.Ldc_I4, 1 << 26);
            pen.Il.Emit(OpCodes.Conv_U);
            pen.Il.Emit(OpCodes.Localloc);
            pen.Il.Emit(OpCodes.Pop);
            pen.Exit();
        }),
        Pointers.Assembly("calli", "to call a method under another signature", "RL0003/RL0402", pen =>
        {
            var site = new CallSite(pen.Int);
            site.Parameters.Add(new ParameterDefinition(pen.Object));
            pen.Il.Emit(OpCodes.Ldc_I4, 0x10000);
            pen.Il.Emit(OpCodes.Conv_I);
            pen.Il.Emit(OpCodes.Ldftn, pen.Call("A", "M"));
            pen.Il.Emit(OpCodes.Calli, site);
            pen.Leave();
        }, "static int M(object o) => o.GetHashCode();"),
        Pointers.Assembly("jmp", "to leave a method without its epilogue", "RL0003/RL0402/RL0401", pen =>
            pen.Il.Emit(OpCodes.Jmp, pen.Call("A", "Main"))),
        Pointers.Assembly("mkrefany", "to keep a reference past its life", "RL0003/RL0401/RL0402/RL0002", pen =>
        {
            VariableDefinition local = pen.Local(pen.Int);
            pen.Il.Emit(OpCodes.Ldloca, local);
            pen.Il.Emit(OpCodes.Mkrefany, pen.Int);
            pen.Il.Emit(OpCodes.Refanyval, pen.Int);
            pen.Il.Emit(OpCodes.Ldind_I4);
            pen.Leave();
        }),
        Pointers.Assembly("arglist", "to read arguments that were never passed", "RL0003/RL0402/RL0401/RL0002", pen =>
        {
            pen.Il.Emit(OpCodes.Arglist);
            pen.Il.Emit(OpCodes.Pop);
            pen.Exit();
        }),
        Pointers.Assembly("pinned local", "to hold the collector back", "RL0003/RL0402", pen =>
        {
            pen.Local(new PinnedType(pen.Object));
            pen.Exit();
        }),
        Pointers.Assembly("conversion of a reference to a number", "to learn an address", "RL0401/RL0003", pen =>
        {
            pen.Il.Emit(OpCodes.Ldarg_0);
            pen.Il.Emit(OpCodes.Conv_U);
            pen.Il.Emit(OpCodes.Conv_I4);
            pen.Leave();
        }),
        Native.Code("DllImport", "to call the C library", "RL0005", "M(1);",
            "[DllImport(\"libc\", EntryPoint = \"exit\")] static extern void M(int s);"),
        Native.Code("UnmanagedCallersOnly", "to be called from native code", "RL0005", "",
            "[UnmanagedCallersOnly] static void M() { }"),
        Native.Code("internal call", "to call the runtime's insides", "RL0005/RL0402",
            "M();", "[MethodImpl(MethodImplOptions.InternalCall)] static extern void M();"),
        Native.Code("COM import", "to be served by the interop layer", "RL0005/RL0014/RL0002/RL0001/RL0016", "", types:
            "[ComImport, Guid(\"00000000-0000-0000-0000-000000000001\")] interface I { }"),
        Native.Changed("method marked native", "to have its bytes run as machine code", "RL0406/RL0402/RL0404/RL0005",
            Guest.Program("M();", "static void M() { }"), module =>
            {
                MethodDefinition method = module.GetType("A").Methods.Single(one => one.Name == "M");
                method.ImplAttributes = MethodImplAttributes.Native | MethodImplAttributes.Unmanaged;
            }),
        Native.Changed("method marked runtime", "to have the runtime write its body", "RL0402/RL0404/RL0005/RL0401",
            Guest.Program("M();", "static void M() { }"), module =>
            {
                MethodDefinition method = module.GetType("A").Methods.Single(one => one.Name == "M");
                method.Body = null;
                method.ImplAttributes = MethodImplAttributes.Runtime | MethodImplAttributes.Managed;
            }),
        Native.Bytes("mixed-mode flag", "to have native code in its file trusted", "RL0406/RL0402/loader", image =>
            Image.With(image, Image.CliHeaderOffset(image) + 16, 0)),
        Native.Changed("32-bit image", "to be loaded by another layout", "RL0406/RL0402/loader", Guest.Program(""), module =>
        {
            module.Architecture = TargetArchitecture.I386;
            module.Attributes |= ModuleAttributes.Required32Bit;
        }),
    ];
}
