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
    public void Load_Domain_ConstructsTheEntryInACollectibleContext()
    {
        LoadedEntry loaded = Load("[Reentrant] public sealed class D : IDomain { " + Methods + " }", "D");

        Assert.IsAssignableFrom<IDomain>(loaded.Entry);
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
    [InlineData("D", "public sealed class D : IDomain { public D() => throw new InvalidOperationException(); METHODS }", "the constructor of D threw System.InvalidOperationException")]
    [InlineData("D", "public sealed class D : IDomain { static readonly int X = int.Parse(\"x\"); METHODS }", "the static constructor of D threw System.FormatException")]
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

    [Fact]
    public void Load_ReferenceToTheKernel_IsRefused()
    {
        (byte[] assembly, byte[] symbols) = DomainCompiler.Compile(
            "public sealed class D : IDomain { object o = RedLeafSharp.Kernel.SystemDescription.Default; " + Methods + " }",
            typeof(SystemDescription));

        BootException exception = Assert.Throws<BootException>(
            () => DomainLoader.Load(assembly, symbols, typeof(IDomain), "D", "test.dll", isPrepared: true));

        Assert.Contains("a domain may not reference 'RedLeafSharp.Kernel'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_GarbledImages_AreRefusedWithOneLineOrLoaded()
    {
        (byte[] assembly, _) = DomainCompiler.Compile("public sealed class D : IDomain { " + Methods + " }");
        BootException truncated = Assert.Throws<BootException>(
            () => DomainLoader.Load(assembly[..200], null, typeof(IDomain), "D", "test.dll", isPrepared: false));

        Assert.Contains("not a managed image", truncated.Message, StringComparison.Ordinal);
        Assert.Throws<BootException>(() => DomainLoader.Load([], null, typeof(IDomain), "D", "test.dll", isPrepared: false));
        Assert.Throws<BootException>(
            () => DomainLoader.Load(new byte[4096], null, typeof(IDomain), "D", "test.dll", isPrepared: false));
    }

    private static LoadedEntry Load(string source, string entry)
    {
        (byte[] assembly, byte[] symbols) = DomainCompiler.Compile(source);
        return DomainLoader.Load(assembly, symbols, typeof(IDomain), entry, "test.dll", isPrepared: true);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference LoadAndUnload()
    {
        LoadedEntry loaded = Load("public sealed class D : IDomain { static object o = new(); " + Methods + " }", "D");
        var reference = new WeakReference(loaded.Context, trackResurrection: true);
        loaded.Context.Unload();
        return reference;
    }
}
