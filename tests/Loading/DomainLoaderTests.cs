using System.Runtime.CompilerServices;
using RedLeafSharp.Contracts;
using RedLeafSharp.Kernel;
using RedLeafSharp.Kernel.Loading;
using RedLeafSharp.Tests.Support;
using Xunit;

namespace RedLeafSharp.Tests.Loading;

public sealed class DomainLoaderTests
{
    private const string Methods = """
        public Reply<Unit, DomainError> Start(CallContext context, DomainServices services) => default(Unit);
        public Reply<Unit, DomainError> Stop(CallContext context) => default(Unit);
        """;

    [Fact]
    public void Run_Domain_ConstructsTheEntryInACollectibleContext()
    {
        (LoadedDomain loaded, Initialization initialization) = Load("[Reentrant] public sealed class D : IDomain { " + Methods + " }", "D");

        Assert.IsAssignableFrom<IDomain>(initialization.Entry);
        Assert.True(loaded.Assembly.IsCollectible);
        Assert.True(loaded.IsReentrant);
        loaded.Context.Unload();
    }

    [Fact]
    public void Load_ThenUnload_IsCollected()
    {
        WeakReference context = LoadAndUnload();
        for (int round = 0; round < 20 && context.IsAlive; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(context.IsAlive);
    }

    [Theory]
    [InlineData("E", "public sealed class D : IDomain { METHODS }", "the entry class 'E' named by the manifest is not in the assembly")]
    [InlineData("D", "public sealed class D { }", "must implement IDomain and have a public constructor without parameters")]
    [InlineData("D", "public sealed class D : IDomain { public D(int x) {} METHODS }", "must implement IDomain and have a public constructor")]
    [InlineData("D", "public abstract class D : IDomain { METHODS }", "must implement IDomain and have a public constructor")]
    public void Load_BadEntry_IsRefusedWithOneLine(string entry, string source, string expected)
    {
        BootException exception = Assert.Throws<BootException>(() => Load(source.Replace("METHODS", Methods), entry));

        Assert.StartsWith("test.dll: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public sealed class D : IDomain { public D() => throw new InvalidOperationException(); METHODS }", "the constructor of D threw System.InvalidOperationException")]
    [InlineData("public sealed class D : IDomain { static readonly int X = int.Parse(\"x\"); METHODS }", "the static constructor of D threw System.FormatException")]
    public void Run_ConstructorThatThrows_IsNamedInOneLine(string source, string expected)
    {
        (LoadedDomain loaded, Initialization initialization) = Load(source.Replace("METHODS", Methods), "D");

        Assert.Equal(expected, initialization.Failure);
        Assert.Null(initialization.Entry);
        loaded.Context.Unload();
    }

    [Fact]
    public void Run_StaticConstructors_RunOneByOneBeforeTheEntrys()
    {
        const string Source = """
            static class Order { public static readonly System.Text.StringBuilder Text = new(); }
            static class A { static A() => Order.Text.Append("a"); }
            static class B { static B() => Order.Text.Append("b"); }
            public sealed class D : IDomain { public override string ToString() => Order.Text.ToString(); public D() => Order.Text.Append("d"); METHODS }
            """;
        (LoadedDomain loaded, Initialization initialization) = Load(Source.Replace("METHODS", Methods), "D");

        Assert.Equal("abd", initialization.Entry!.ToString());
        loaded.Context.Unload();
    }

    [Fact]
    public void Load_ReferenceToTheKernel_IsRefused()
    {
        (byte[] assembly, byte[] symbols) = DomainCompiler.Compile(
            "public sealed class D : IDomain { object o = RedLeafSharp.Kernel.SystemDescription.Default; " + Methods + " }",
            typeof(SystemDescription));

        BootException exception = Assert.Throws<BootException>(
            () => DomainLoader.Load(assembly, symbols, typeof(IDomain), "D", "test.dll"));

        Assert.Contains("a domain may not reference 'RedLeafSharp.Kernel'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_GarbledImages_AreRefusedWithOneLineOrLoaded()
    {
        (byte[] assembly, _) = DomainCompiler.Compile("public sealed class D : IDomain { " + Methods + " }");
        BootException truncated = Assert.Throws<BootException>(
            () => DomainLoader.Load(assembly[..200], null, typeof(IDomain), "D", "test.dll"));

        Assert.Contains("rejected by the verifier: RL0406", truncated.Message, StringComparison.Ordinal);
        Assert.Throws<BootException>(() => DomainLoader.Load([], null, typeof(IDomain), "D", "test.dll"));
        Assert.Throws<BootException>(
            () => DomainLoader.Load(new byte[4096], null, typeof(IDomain), "D", "test.dll"));
    }

    private static (LoadedDomain Loaded, Initialization Initialization) Load(string source, string entry)
    {
        (byte[] assembly, byte[] symbols) = DomainCompiler.Compile(source);
        LoadedDomain loaded = DomainLoader.Load(assembly, symbols, typeof(IDomain), entry, "test.dll");
        var initialization = new Initialization(loaded);
        initialization.Run();
        return (loaded, initialization);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference LoadAndUnload()
    {
        (LoadedDomain loaded, _) = Load("public sealed class D : IDomain { static readonly object O = new(); " + Methods + " }", "D");
        var reference = new WeakReference(loaded.Context, trackResurrection: true);
        loaded.Context.Unload();
        return reference;
    }
}
